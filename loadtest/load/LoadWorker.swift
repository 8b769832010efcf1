import Bytes
import CLinux
import Glibc
import Histogram
import HTTPKit
import TLSKit

/// One thread of the generator: its own connections, its own share of the rate, its own counts.
final class LoadWorker {
    let step: Step
    let context: TLSClientContext
    let origin: TLSOrigin
    let limits: H2Limits
    let outgoing: UnsafeMutablePointer<GrowableBytes>
    let readBuffer: UnsafeMutableRawBufferPointer
    private let target: Target
    private let requests: [PreparedRequest]
    private let shared: StepState
    private let epoll: Int32
    private var connections: [Int32: LoadConnection] = [:]
    private var order: [LoadConnection] = []
    private var dirty: [LoadConnection] = []
    private var cursor = 0
    private var nextRequest: Int
    private var free: [Slot] = []
    /// Due times of requests that found no free connection, oldest first, and where the first stands.
    private var backlog: [UInt64] = []
    private var backlogFront = 0
    private var opening = 0
    private var underWay = 0
    private var tally = Tally()
    private var isCounting = false
    private var isEnding = false
    private var countingSince: UInt64 = 0
    /// The provider drops requests on purpose.
    private let expectsResets: Bool

    init(index: Int, step: Step, target: Target, requests: [PreparedRequest], shared: StepState, expectsResets: Bool) throws {
        self.expectsResets = expectsResets
        self.step = step
        self.target = target
        self.requests = requests
        self.shared = shared
        context = try target.makeContext()
        origin = try context.origin(host: target.host, offer: target.offersHTTP2 ? .http2ThenHTTP1 : .onlyHTTP1)
        var limits = H2Limits()
        limits.streamsPerConnection = .max
        limits.connectionWindow = 16 << 20
        limits.streamWindow = 1 << 20
        self.limits = limits
        outgoing = .allocate(capacity: 1)
        outgoing.initialize(to: GrowableBytes(capacity: 64 << 10))
        readBuffer = .allocate(byteCount: 64 << 10, alignment: 16)
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        nextRequest = requests.count / max(1, shared.threads) * index
    }

    deinit {
        for connection in connections.values { connection.close(nil) }
        Glibc.close(epoll)
        outgoing.deinitialize(count: 1)
        outgoing.deallocate()
        readBuffer.deallocate()
    }

    // MARK: The step

    /// Opens the connections, sends, counts.
    /// - Returns: what was counted, once the last answer is there or has not come for ten seconds.
    func run() -> Tally {
        for _ in 0..<step.idle { open(isIdle: true) }
        for _ in 0..<step.connections { open(isIdle: false) }
        let connectBy = Clock.now() + 30_000_000_000
        // Where handshakes are the load there is nothing to wait for.
        while opening > 0, step.requestsPerConnection != 0, Clock.now() < connectBy { turn(until: connectBy) }
        shared.arriveAndWait()

        let begin = Clock.now()
        var pacer = step.rate.map { Pacer(rate: $0 / Double(shared.threads), start: begin, isPoisson: step.isPoisson) }
        let countFrom = begin + UInt64(step.warmUp * 1e9)
        let end = countFrom + UInt64(step.seconds * 1e9)
        var now = begin
        while now < end, !shared.isOver {
            if !isCounting, now >= countFrom {
                isCounting = true
                countingSince = now
            }
            if var pace = pacer {
                while pace.due <= now {
                    backlog.append(pace.due)
                    pace.advance()
                }
                pacer = pace
                sendBacklog()
                turn(until: min(pace.due, end))
            } else {
                fill()
                turn(until: end)
            }
            now = Clock.now()
        }
        // What was due in time counts, also when its answer comes late.
        let lastAnswerBy = Clock.now() + 10_000_000_000
        while underWay > 0 || backlogFront < backlog.count, Clock.now() < lastAnswerBy {
            sendBacklog()
            turn(until: lastAnswerBy)
        }
        tally.failures[.unfinished, default: 0] += underWay + backlog.count - backlogFront
        isCounting = false
        isEnding = true
        for connection in Array(connections.values) { connection.close(nil) }
        return tally
    }

    private func turn(until deadline: UInt64) {
        flush()
        let now = Clock.now()
        var wait = timespec()
        if deadline > now {
            let left = min(deadline - now, 100_000_000)
            wait.tv_nsec = Int(left)
        }
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { events in
            let count = epoll_pwait2(epoll, events.baseAddress, 256, &wait, nil)
            guard count > 0 else { return }
            for event in events[..<Int(count)] {
                guard let connection = connections[Int32(truncatingIfNeeded: event.data.u64)] else { continue }
                connection.ready(
                    readable: event.events & 0x2001 != 0, writable: event.events & 0x4 != 0, hungUp: event.events & 0x2018 != 0)
            }
        }
        flush()
    }

    private func flush() {
        while let connection = dirty.popLast() {
            connection.isDirty = false
            connection.flush()
        }
    }

    func mark(_ connection: LoadConnection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirty.append(connection)
    }

    // MARK: Sending

    /// Open loop: what is due goes to whoever has room, the rest waits and its waiting counts.
    private func sendBacklog() {
        while backlogFront < backlog.count {
            guard let connection = pick() else { return }
            send(on: connection, due: backlog[backlogFront])
            backlogFront += 1
        }
        backlog.removeAll(keepingCapacity: true)
        backlogFront = 0
    }

    /// Closed loop: every connection has as much under way as it may.
    private func fill() {
        for connection in order {
            while connection.room > 0, !shared.isOver { send(on: connection, due: Clock.now()) }
        }
    }

    private func pick() -> LoadConnection? {
        for offset in 0..<order.count {
            let index = (cursor + offset) % order.count
            if order[index].room > 0 {
                cursor = index + 1
                return order[index]
            }
        }
        return nil
    }

    private func send(on connection: LoadConnection, due: UInt64) {
        let slot = free.popLast() ?? Slot()
        let request = requests[nextRequest % requests.count]
        nextRequest += 1
        slot.intended = due
        guard connection.send(slot, request) else {
            free.append(slot)
            connection.close(.protocol)
            return
        }
        underWay += 1
        if isCounting {
            tally.sent += 1
            if slot.sent > due + 1_000_000 { tally.delayed += 1 }
            shared.countSent(limit: step.requests)
        }
    }

    // MARK: What connections report

    func answered(_ slot: Slot, status: Int) {
        underWay -= 1
        guard isCounting, slot.intended >= countingSince else { return }
        let now = Clock.now()
        tally.response.record(now - slot.intended)
        tally.service.record(now - slot.sent)
        tally.statuses[status, default: 0] += 1
        switch slot.request?.expectation {
        case .sent where status >= 400 && slot.head.pointee.fields.firstIndex(named: "mock-fault") != nil: tally.injected += 1
        case .sent where status == 502 && expectsResets: tally.lost += 1
        case .sent where (200..<300).contains(status): tally.accepted += 1
        case .blocked where (400..<500).contains(status): tally.blocked += 1
        default: tally.wrong += 1
        }
        shared.countAnswer()
    }

    func failed(_ slot: Slot, _ failure: Tally.Failure) {
        underWay -= 1
        guard isCounting else { return }
        // A provider that is spoken to without a gate.
        if expectsResets, failure == .reset || failure == .closed {
            tally.lost += 1
        } else {
            tally.failures[failure, default: 0] += 1
        }
    }

    func released(_ slot: Slot) {
        slot.request = nil
        slot.connection = nil
        free.append(slot)
    }

    func connected(_ connection: LoadConnection) {
        opening -= 1
        // Those that come and go count like requests; those that stay were opened before counting began.
        if isCounting || step.requestsPerConnection == nil {
            tally.handshakes += 1
            if connection.isResumed { tally.resumed += 1 }
            tally.handshake.record(Clock.now() - connection.startedAt)
        }
        if !connection.isIdle { order.append(connection) }
        if step.requestsPerConnection == 0 { connection.close(nil) }
    }

    func closed(_ connection: LoadConnection, wasUp: Bool, failure: Tally.Failure?) {
        connections[connection.fd] = nil
        order.removeAll { $0 === connection }
        dirty.removeAll { $0 === connection }
        if !wasUp { opening -= 1 }
        if let failure, !wasUp { tally.failures[failure, default: 0] += 1 }
        // What was due in time is sent even when the step is over.
        if !connection.isIdle, !isEnding, !shared.isOver || backlogFront < backlog.count { open(isIdle: false) }
    }

    private func open(isIdle: Bool) {
        let fd = socket(target.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard fd >= 0 else {
            tally.failures[.connect, default: 0] += 1
            return
        }
        var one: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        let began = target.address.withUnsafeBytes {
            Glibc.connect(fd, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard began == 0 || errno == EINPROGRESS else {
            Glibc.close(fd)
            tally.failures[.connect, default: 0] += 1
            return
        }
        if !step.resumes { origin.forgetSession() }
        opening += 1
        let connection = LoadConnection(fd: fd, worker: self, isIdle: isIdle)
        connections[fd] = connection
        var event = epoll_event(events: 0x1 | 0x4 | 0x2000 | 1 << 31, data: epoll_data_t(u64: UInt64(fd)))
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)
    }
}
