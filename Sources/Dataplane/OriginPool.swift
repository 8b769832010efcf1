import Bytes
import CLinux
import Glibc
import HTTPKit
import TLSKit

/// One worker's connections to one origin, and the requests that wait for one.
///
/// HTTP/2 connections are shared, HTTP/1.1 connections carry one request at a time; which it is, ALPN says at the first
/// connection. A request leaves the queue only onto an established connection, so waiting never puts it at risk of being
/// sent twice.
final class OriginPool {
    let index: Int
    let origin: Origin
    /// Strong, so that a use of it counts no reference; the worker lets go of its pools when its loop ends.
    private let worker: Worker
    private let tls: TLSOrigin?
    private let authorityBytes: UnsafeMutableBufferPointer<UInt8>

    private var addresses: [ResolvedAddress] = []
    private var nextAddress = 0
    private var resolvedAt: UInt64 = 0
    private var isResolving = false

    private var http2: [ConnectionPointer] = []
    private var idleHTTP1: [ConnectionPointer] = []
    private var all: Set<ConnectionPointer> = []
    private var connecting = 0
    private var speaksHTTP2: Bool?
    private var failuresInARow = 0

    private var head: ExchangePointer?
    private var tail: ExchangePointer?
    private var queued = 0

    init(index: Int, origin: Origin, worker: Worker) throws(TLSProblem) {
        self.index = index
        self.origin = origin
        self.worker = worker
        if origin.usesTLS, let context = worker.clientTLS {
            tls = try context.origin(host: origin.host, offer: origin.offer)
        } else {
            tls = nil
        }
        let text = Array(origin.authority.utf8)
        authorityBytes = .allocate(capacity: text.count)
        _ = authorityBytes.initialize(from: text)
        if !origin.usesTLS { speaksHTTP2 = false }
    }

    deinit { authorityBytes.deallocate() }

    /// Value of `Host` and `:authority`; at a stable address as long as the pool lives.
    var authority: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(authorityBytes) }

    // MARK: Requests

    func submit(_ exchange: ExchangePointer) {
        if let connection = available() {
            if worker.assign(exchange, to: connection) {
                keepIfUnused(connection)
                return
            }
            retire(connection)
        }
        guard queued < worker.limits.pendingPerOrigin else {
            worker.metrics.add(.upstreamPendingFull)
            worker.fail(exchange, .pendingFull)
            return
        }
        exchange.pointee.isQueued = true
        exchange.pointee.next = nil
        if let tail { tail.pointee.next = exchange } else { head = exchange }
        tail = exchange
        queued += 1
        connectIfNeeded()
    }

    private func pop() -> ExchangePointer? {
        guard let exchange = head else { return nil }
        head = exchange.pointee.next
        if head == nil { tail = nil }
        exchange.pointee.next = nil
        exchange.pointee.isQueued = false
        queued -= 1
        return exchange
    }

    /// Hands waiting requests to connections that have room.
    private func drain() {
        while head != nil {
            guard let connection = available() else {
                connectIfNeeded()
                return
            }
            guard let exchange = pop() else { return }
            // A request that ended while it waited only has to be given back.
            if exchange.pointee.client == nil || exchange.pointee.phase != .queued {
                worker.recycleIfDone(exchange)
                keepIfUnused(connection)
            } else if worker.assign(exchange, to: connection) {
                keepIfUnused(connection)
                continue
            } else {
                retire(connection)
                exchange.pointee.isQueued = true
                exchange.pointee.next = head
                head = exchange
                if tail == nil { tail = exchange }
                queued += 1
            }
        }
    }

    /// Gives back an HTTP/1.1 connection that was taken for a request which then did not go out: it had ended, or the last look
    /// kept it in.
    private func keepIfUnused(_ connection: ConnectionPointer) {
        guard connection.pointee.proto == .http1, connection.pointee.exchange == nil, !connection.pointee.isClosed,
            !idleHTTP1.contains(connection)
        else { return }
        idleHTTP1.append(connection)
    }

    private func failQueue(_ failure: ExchangeFailure) {
        while let exchange = pop() {
            if exchange.pointee.client != nil, exchange.pointee.phase == .queued {
                worker.fail(exchange, failure)
            } else {
                worker.recycleIfDone(exchange)
            }
        }
    }

    // MARK: Connections

    /// Requests on one HTTP/2 connection above which another that is open takes the next.
    private static let comfortable = 64

    /// The connection that should carry the next request: the first HTTP/2 one that has few, else the one that has fewest, or a
    /// fresh enough idle HTTP/1.1 one. Requests that go out together share records, segments and wake-ups on both ends when they
    /// share a connection, so they are not spread over more than they need.
    private func available() -> ConnectionPointer? {
        var best: ConnectionPointer?
        var bestCount = Int.max
        // One with unsent bytes would let the request wait behind them, past its last look.
        for connection in http2 where connection.pointee.exchangeCount < bestCount && !connection.pointee.hasPending {
            let limit = connection.upstreamSession { min($0.peerConcurrentStreams, 1000) } ?? 0
            guard connection.pointee.exchangeCount < limit else { continue }
            best = connection
            bestCount = connection.pointee.exchangeCount
            if bestCount < min(Self.comfortable, limit / 2) { break }
        }
        if let best { return best }
        while let connection = idleHTTP1.popLast() {
            let age = worker.now.milliseconds - connection.pointee.waitingSince
            if !connection.pointee.isClosed, !connection.pointee.peerClosed, age < UInt64(worker.limits.upstreamIdleTime) {
                return connection
            }
            worker.closeConnection(connection)
        }
        return nil
    }

    private func connectIfNeeded() {
        guard queued > 0 else { return }
        let wanted: Int
        switch speaksHTTP2 {
        case nil: wanted = min(2, queued)
        case true?: wanted = http2.count < worker.limits.upstreamHTTP2Connections ? 1 : 0
        case false?: wanted = min(queued, worker.limits.upstreamConnections - all.count + connecting)
        }
        while connecting < wanted {
            guard connect() else { return }
        }
        if http2.isEmpty, all.isEmpty, addresses.isEmpty { resolve() }
    }

    private func resolve() {
        guard !isResolving else { return }
        isResolving = true
        var host = origin.host
        var port = origin.port
        if let target = origin.connectTo {
            if let colon = target.lastIndex(of: ":"), let number = Int(target[target.index(after: colon)...]) {
                host = String(target[..<colon]).trimmingBrackets
                port = number
            } else {
                host = target
            }
        }
        worker.resolver.resolve(host: host, port: port, pool: index, answerTo: worker.mailbox)
    }

    /// The resolver's answer. A failed refresh keeps the addresses known so far.
    func resolved(_ found: [ResolvedAddress], failed: Bool) {
        isResolving = false
        resolvedAt = worker.now.milliseconds
        if failed {
            worker.metrics.add(.upstreamResolveFailed)
            if addresses.isEmpty { failQueue(.unresolved) }
            return
        }
        addresses = found
        nextAddress = 0
        connectIfNeeded()
    }

    /// - Returns: `false` when no connection could be begun now.
    private func connect() -> Bool {
        guard !addresses.isEmpty else {
            resolve()
            return false
        }
        let address = addresses[nextAddress % addresses.count]
        nextAddress += 1
        let fd = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard fd >= 0 else {
            if connecting == 0 { failQueue(.connectFailed) }
            return false
        }
        var one: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        worker.metrics.add(.upstreamConnects)
        let rc = address.bytes.withUnsafeBytes {
            Glibc.connect(fd, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        if rc != 0, errno != EINPROGRESS {
            Glibc.close(fd)
            connectFailed(.connectFailed)
            return false
        }
        let connection = ConnectionPointer.allocate(capacity: 1)
        connection.initialize(to: Connection(worker: worker, fd: fd, role: .upstream))
        connection.pointee.pool = .passUnretained(self)
        connection.pointee.createdAt = worker.now.milliseconds
        connection.pointee.waitingSince = worker.now.milliseconds
        connection.pointee.timer.pointee.owner = UnsafeMutableRawPointer(connection)
        if let tls, let context = worker.clientTLS {
            connection.pointee.tls = context.connect(fd: fd, origin: tls, output: worker.outgoing)
        }
        all.insert(connection)
        connecting += 1
        worker.upstreamCount += 1
        guard worker.reactor.add(fd, connection: UnsafeMutableRawPointer(connection)) else {
            worker.closeConnection(connection)
            return false
        }
        worker.wheel.arm(connection.pointee.timer, at: worker.connectionDeadline(connection))
        return true
    }

    /// The handshake (or, on a plain connection, the connect) is done.
    func connected(_ connection: ConnectionPointer) {
        connecting -= 1
        failuresInARow = 0
        connection.pointee.waitingSince = worker.now.milliseconds
        speaksHTTP2 = connection.pointee.proto == .http2
        if connection.pointee.proto == .http2 {
            http2.append(connection)
        } else {
            idleHTTP1.append(connection)
        }
        worker.wheel.arm(connection.pointee.timer, at: worker.connectionDeadline(connection))
        drain()
    }

    /// An HTTP/1.1 connection has finished a request and may carry another.
    func idle(_ connection: ConnectionPointer) {
        idleHTTP1.append(connection)
        worker.limit(connection, to: worker.limits.upstreamIdleTime)
        drain()
    }

    /// What was pending on the connection has left.
    func writable(_ connection: ConnectionPointer) {
        if !connection.pointee.isDraining { drain() }
    }

    func streamEnded(_ connection: ConnectionPointer) {
        if connection.pointee.isDraining {
            if connection.pointee.exchangeCount == 0 {
                connection.pointee.closeWhenSent = true
                worker.mark(connection)
            }
        } else {
            if connection.pointee.exchangeCount == 0 { worker.limit(connection, to: worker.limits.upstreamIdleTime) }
            drain()
        }
    }

    /// The provider takes no new streams on this connection. Those it has taken finish.
    func goaway(_ connection: ConnectionPointer) {
        retire(connection)
        connectIfNeeded()
    }

    private func retire(_ connection: ConnectionPointer) {
        connection.pointee.isDraining = true
        http2.removeAll { $0 == connection }
        if connection.pointee.proto == .http2, connection.pointee.exchangeCount == 0 {
            connection.pointee.closeWhenSent = true
            worker.mark(connection)
        }
    }

    /// The connection is closed, for whatever reason.
    func lost(_ connection: ConnectionPointer) {
        guard all.remove(connection) != nil else { return }
        switch connection.pointee.proto {
        case .connecting, .handshake:
            connecting -= 1
            connectFailed(connection.pointee.proto == .connecting ? .connectFailed : .tlsFailed)
        case .http2:
            http2.removeAll { $0 == connection }
            connectIfNeeded()
        case .http1:
            idleHTTP1.removeAll { $0 == connection }
            // A request may have waited for the place that this connection held.
            connectIfNeeded()
        }
    }

    private func connectFailed(_ failure: ExchangeFailure) {
        worker.metrics.add(.upstreamConnectsFailed)
        failuresInARow += 1
        if failuresInARow >= addresses.count, connecting == 0, http2.isEmpty {
            failuresInARow = 0
            failQueue(failure)
            resolve()
        } else if failuresInARow < max(addresses.count, 1) {
            // Each address once. A connect that fails at once comes back here, so without this bound it would recurse until the
            // stack ends while another connection is up or under way; the next request or failure tries again.
            connectIfNeeded()
        }
    }

    /// Once every 100 ms: names are refreshed while the origin is in use.
    func tick(now: UInt64) {
        if !addresses.isEmpty, origin.connectTo == nil, !all.isEmpty, now - resolvedAt > UInt64(worker.limits.resolveInterval) {
            resolve()
        }
    }

    func closeAll() {
        // First, or the lost connections would be replaced for those who wait.
        failQueue(.draining)
        for connection in all { worker.closeConnection(connection) }
    }
}

extension String {
    /// `[::1]` without its brackets.
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
