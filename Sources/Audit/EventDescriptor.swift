import CLinux
import Glibc

/// Owns one eventfd: a counter that one thread raises and another waits for.
struct EventDescriptor: ~Copyable, Sendable {
    let number: Int32

    /// - Throws: ``AuditFailure/system(_:path:errno:)`` when the process has no descriptor left.
    init() throws(AuditFailure) {
        number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard number >= 0 else { throw .system(.open, path: "an eventfd", errno: errno) }
    }

    deinit { Glibc.close(number) }

    /// Wakes whoever waits. A counter that is full is one that is already raised.
    func signal() {
        var one: UInt64 = 1
        _ = Glibc.write(number, &one, 8)
    }

    /// Lowers the counter to 0.
    func drain() {
        var count: UInt64 = 0
        _ = Glibc.read(number, &count, 8)
    }

    /// Sleeps until the counter is raised, and lowers it.
    /// - Parameter milliseconds: the longest sleep; negative for no limit.
    func wait(milliseconds: Int32) {
        var descriptor = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, milliseconds) > 0 { drain() }
    }
}
