import CLinux
import Glibc

/// The epoll instance of one worker. Sockets are registered once, edge-triggered, and never changed again.
struct Reactor {
    /// What a readiness event is about. The tag rides in the low bits of the registered pointer.
    enum Source {
        case connection(UnsafeMutableRawPointer)
        case listener(Int)
        case mailbox
        case audit
    }

    struct Readiness: OptionSet {
        let rawValue: UInt32
        static let input = Readiness(rawValue: 0x001)
        static let output = Readiness(rawValue: 0x004)
        static let failed = Readiness(rawValue: 0x008)
        static let hungUp = Readiness(rawValue: 0x010)
        static let peerClosed = Readiness(rawValue: 0x2000)
        static let edgeTriggered = Readiness(rawValue: 1 << 31)
    }

    static let batch = 256
    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    init() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(descriptor >= 0, "epoll_create1 failed: errno \(errno)")
        events = .allocate(capacity: Self.batch)
        events.initialize(repeating: epoll_event(), count: Self.batch)
    }

    func close() {
        _ = Glibc.close(descriptor)
        events.deallocate()
    }

    /// - Returns: `false` when the kernel refused (out of watches or memory).
    func add(_ fd: Int32, connection: UnsafeMutableRawPointer) -> Bool {
        register(fd, [.input, .output, .peerClosed, .edgeTriggered], UInt64(UInt(bitPattern: connection)))
    }

    func add(_ fd: Int32, listener index: Int) -> Bool {
        register(fd, [.input], UInt64(index) << 8 | 1)
    }

    func add(mailbox fd: Int32) -> Bool { register(fd, [.input], 2) }
    func add(audit fd: Int32) -> Bool { register(fd, [.input], 3) }

    func remove(_ fd: Int32) {
        var event = epoll_event()
        epoll_ctl(descriptor, EPOLL_CTL_DEL, fd, &event)
    }

    private func register(_ fd: Int32, _ interest: Readiness, _ tag: UInt64) -> Bool {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: tag))
        return epoll_ctl(descriptor, EPOLL_CTL_ADD, fd, &event) == 0
    }

    /// - Returns: how many events are ready; 0 after a timeout or a signal.
    func wait(milliseconds: Int32) -> Int {
        let n = epoll_wait(descriptor, events, Int32(Self.batch), milliseconds)
        return n > 0 ? Int(n) : 0
    }

    @inline(__always)
    func event(_ index: Int) -> (Source, Readiness) {
        let tag = events[index].data.u64
        let readiness = Readiness(rawValue: events[index].events)
        switch tag & 7 {
        case 0:
            return (.connection(UnsafeMutableRawPointer(bitPattern: UInt(tag)).unsafelyUnwrapped), readiness)
        case 1: return (.listener(Int(tag >> 8)), readiness)
        case 2: return (.mailbox, readiness)
        default: return (.audit, readiness)
        }
    }
}
