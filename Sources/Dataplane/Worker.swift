import Bytes
import CLinux
import Glibc
import HTTPKit
import TLSKit

/// One event loop on one thread, with its own listeners, connections, pools, timers and buffers. Nothing on the path of a
/// request is shared with another worker.
///
/// One turn: wait for readiness → read what is readable and act on it → timers → let the services publish → write once per
/// connection that has something to say → free what was closed. So a burst of requests costs one send per connection.
public final class Worker {
    public let index: Int
    public let metrics: WorkerMetrics
    let limits: EngineLimits
    let mailbox: Mailbox
    let sources: SourceTable
    let resolver: Resolver
    let reactor = Reactor()
    var listeners: [Listener] = []
    var services: [Service] = []
    var pools: [OriginPool] = []
    /// The same by their ``OriginHandle``, for uses that are not to count references.
    @exclusivity(unchecked) var poolReferences: [Unmanaged<OriginPool>] = []

    let serverH2: H2Configuration
    let clientTLS: TLSClientContext?

    /// Ciphertext (or plain bytes) of the connection being worked on; empty between two connections.
    let outgoing: UnsafeMutablePointer<GrowableBytes>
    /// Frames or message heads before encryption.
    @exclusivity(unchecked) var plain = GrowableBytes(capacity: 96 << 10)
    let readBuffer: UnsafeMutableRawBufferPointer

    @exclusivity(unchecked) var now: MonotonicTime
    @exclusivity(unchecked) var wheel: TimerWheel
    /// The shortest time a phase of an exchange may take, in milliseconds.
    let shortestLimit: UInt64
    @exclusivity(unchecked) var dirty: ConnectionPointer?
    @exclusivity(unchecked) var again: [ConnectionPointer] = []
    @exclusivity(unchecked) var againNow: [ConnectionPointer] = []
    @exclusivity(unchecked) var graveyard: [ConnectionPointer] = []
    @exclusivity(unchecked) var freeExchanges: ExchangePointer?
    @exclusivity(unchecked) var exchangesInUse = 0
    @exclusivity(unchecked) var clientConnections: Set<ConnectionPointer> = []
    @exclusivity(unchecked) var upstreamCount = 0
    @exclusivity(unchecked) var handshakes = 0
    /// Client connections whose TLS keeps its record buffers.
    @exclusivity(unchecked) var busyConnections = 0
    @exclusivity(unchecked) var buffered = 0
    @exclusivity(unchecked) var parked = 0
    @exclusivity(unchecked) var isDraining = false
    @exclusivity(unchecked) var drainDeadline: UInt64 = 0
    @exclusivity(unchecked) var isStopped = false
    @exclusivity(unchecked) var acceptPausedUntil: UInt64 = 0
    @exclusivity(unchecked) var date = HTTPDate(seconds: 0)
    @exclusivity(unchecked) private var lastTick: UInt64 = 0
    let bodies: BodyBudget
    /// Held back so that a connection can be accepted and closed when descriptors run out.
    private var reserve: Int32

    init(
        index: Int, limits: EngineLimits, bodies: BodyBudget, sources: SourceTable, resolver: Resolver, mailbox: Mailbox,
        metrics: WorkerMetrics, clientTLS: TLSClientContext?
    ) {
        self.index = index
        self.limits = limits
        self.sources = sources
        self.resolver = resolver
        self.mailbox = mailbox
        self.metrics = metrics
        self.clientTLS = clientTLS
        self.bodies = bodies
        now = .now()
        date.advance(to: time(nil))
        wheel = TimerWheel(now: now)
        shortestLimit = UInt64(limits.shortestPhase)
        outgoing = .allocate(capacity: 1)
        outgoing.initialize(to: GrowableBytes(capacity: 256 << 10))
        readBuffer = .allocate(byteCount: 16 << 10, alignment: 16)
        reserve = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
        serverH2 = H2Configuration(limits: H2Limits(limits)) { context in
            context.unsafelyUnwrapped.assumingMemoryBound(to: Connection.self).openServerStream()
        }
        precondition(reactor.add(mailbox: mailbox.descriptor), "epoll refused the mailbox")
    }

    // MARK: The loop

    func run() {
        for service in services {
            if let descriptor = service.wakeDescriptor {
                precondition(reactor.add(audit: descriptor), "epoll refused a service's descriptor")
            }
        }
        while !isStopped { turn() }
        tearDown()
    }

    private func turn() {
        let timeout: Int32 = again.isEmpty && dirty == nil ? wheel.sleepLimit(now: now) : 0
        let count = reactor.wait(milliseconds: timeout)
        now = .now()
        for index in 0..<count {
            let (source, readiness) = reactor.event(index)
            switch source {
            case .connection(let raw):
                ready(raw.assumingMemoryBound(to: Connection.self), readiness)
            case .listener(let index): acceptConnections(index)
            case .mailbox: readMail()
            case .audit: for service in services { service.woken() }
            }
        }
        if !again.isEmpty {
            swap(&again, &againNow)
            for connection in againNow {
                connection.pointee.isQueuedAgain = false
                if !connection.pointee.isClosed { readable(connection) }
            }
            againNow.removeAll(keepingCapacity: true)
        }
        while let node = wheel.popExpired(now: now) { expired(node) }
        for service in services { service.turnEnded() }
        while let connection = dirty {
            dirty = connection.pointee.nextDirty
            connection.pointee.nextDirty = nil
            connection.pointee.isDirty = false
            if !connection.pointee.isClosed { flush(connection) }
        }
        // What the flush brought about (streams that ended, answers that failed) may have records of its own.
        for service in services { service.turnEnded() }
        if !graveyard.isEmpty { bury() }
        if now.milliseconds - lastTick >= 100 { tick() }
    }

    private func tick() {
        lastTick = now.milliseconds
        date.advance(to: time(nil))
        metrics.set(.clientConnections, clientConnections.count)
        metrics.set(.upstreamConnections, upstreamCount)
        metrics.set(.exchanges, exchangesInUse)
        metrics.set(.bufferedBytes, buffered)
        metrics.set(.parked, parked)
        metrics.set(.loopTurn, Int(now.milliseconds))
        if acceptPausedUntil != 0, now.milliseconds >= acceptPausedUntil { resumeAccepting() }
        for pool in pools { pool.tick(now: now.milliseconds) }
        guard isDraining else { return }
        if clientConnections.isEmpty && exchangesInUse == 0 || now.milliseconds >= drainDeadline { isStopped = true }
    }

    private func readMail() {
        for letter in mailbox.takeAll() {
            switch letter {
            case .resume(let address, let generation, let result):
                guard let exchange = ExchangePointer(bitPattern: address), exchange.pointee.generation == generation,
                    exchange.pointee.phase == .parked
                else { continue }
                resume(exchange, result)
            case .resolved(let pool, let addresses, let failed):
                if pool < pools.count { pools[pool].resolved(addresses, failed: failed) }
            case .drain: beginDrain()
            case .stop: isStopped = true
            case .run(let body): body(self)
            }
        }
    }

    // MARK: Lists of work

    /// Notes that `connection` has something to write this turn.
    @inline(__always)
    func mark(_ connection: ConnectionPointer) {
        guard !connection.pointee.isDirty, !connection.pointee.isClosed else { return }
        connection.pointee.isDirty = true
        connection.pointee.nextDirty = dirty
        dirty = connection
    }

    /// Notes that `connection` has more to read without a new edge.
    func readAgain(_ connection: ConnectionPointer) {
        guard !connection.pointee.isQueuedAgain, !connection.pointee.isClosed else { return }
        connection.pointee.isQueuedAgain = true
        again.append(connection)
    }

    private func bury() {
        // A closed connection may still be named in a list of this turn; at its end nothing names it any more.
        again.removeAll { $0.pointee.isClosed }
        for connection in graveyard {
            wheel.cancel(connection.pointee.timer)
            connection.pointee.h2?.release()
            connection.pointee.upstreamH2?.release()
            connection.deinitialize(count: 1)
            connection.deallocate()
        }
        graveyard.removeAll(keepingCapacity: true)
    }

    // MARK: Descriptors

    /// Out of descriptors: spends the reserve to accept one connection and close it at once, so that the client learns it.
    func refuseWithReserve(_ listener: Int32) {
        if reserve >= 0 { close(reserve) }
        let fd = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        if fd >= 0 { close(fd) }
        reserve = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    private func tearDown() {
        for connection in clientConnections { closeConnection(connection) }
        for pool in pools { pool.closeAll() }
        // The outcomes of what was cut off just now.
        for service in services { service.turnEnded() }
        bury()
        for listener in listeners { listener.close() }
        // They hold this worker.
        services.removeAll()
        poolReferences.removeAll()
        pools.removeAll()
        var exchange = freeExchanges
        while let next = exchange {
            exchange = next.pointee.next
            next.deinitialize(count: 1)
            next.deallocate()
        }
        freeExchanges = nil
        outgoing.deinitialize(count: 1)
        outgoing.deallocate()
        readBuffer.deallocate()
        if reserve >= 0 { close(reserve) }
        wheel.deallocate()
        reactor.close()
    }
}
