import Bytes
import Glibc
import HTTPKit
import TLSKit

typealias ConnectionPointer = UnsafeMutablePointer<Connection>

/// One socket, towards a client or a provider, and everything that belongs to it. Lives in a block of its own at a stable
/// address, because epoll, OpenSSL and nghttp2 point at it; made, used and freed by one worker.
struct Connection: ~Copyable {
    enum Role: UInt8 { case client, upstream }
    enum Proto: UInt8 { case connecting, handshake, http1, http2 }

    let worker: Unmanaged<Worker>
    let fd: Int32
    let role: Role
    var proto = Proto.connecting
    /// `nil` on a plain connection: only towards applications on the customer's own network.
    var tls: TLSStream?
    /// HTTP/2: the session of a client's connection …
    var h2: Unmanaged<H2Session>?
    /// … and that of one to a provider.
    var upstreamH2: Unmanaged<H2Upstream>?

    // HTTP/1.1 state; idle on HTTP/2.
    var requestParser = H1RequestParser()
    var responseParser = H1ResponseParser()
    var chunks = ChunkedDecoder()
    /// Body bytes still to come under `Content-Length`.
    var bodyLeft = 0
    /// The one exchange an HTTP/1.1 connection works on.
    var exchange: ExchangePointer?
    /// The exchange whose head is still arriving.
    var partial: ExchangePointer?

    /// Exchanges of this connection, linked through their `client` or `upstream` links.
    var exchanges: ExchangePointer?
    var exchangeCount = 0
    var requestsServed = 0

    /// Decrypted bytes not understood yet.
    var input = ByteQueue(capacity: 64)
    /// Bytes the socket would not take; nothing else is produced while there are any.
    var pending = ByteQueue(capacity: 64)

    var isClosed = false
    var isDirty = false
    var isQueuedAgain = false
    /// The socket has been emptied; only an edge can bring more. Plain connections only, TLS keeps its own.
    var drained = false
    var peerClosed = false
    /// No new requests: answer what is in flight, then close.
    var isDraining = false
    /// Close once everything produced so far is sent.
    var closeWhenSent = false
    /// Reading is stopped until a consumer has caught up.
    var isPaused = false
    /// An answer on it was cut off: its end must not look like the answer's.
    var isBroken = false
    /// Our side is shut down; whatever still arrives is thrown away until the peer is done or the time is up.
    var isLingering = false
    var lingered = 0
    var tcpReady = false

    var createdAt: UInt64 = 0
    /// When the present wait began: handshake, head, or idleness. Milliseconds.
    var waitingSince: UInt64 = 0
    var isReadingHead = false
    /// Client: when bytes last came, and whether its TLS keeps its record buffers: ``Worker/noteBusy(_:)``.
    var heardAt: UInt64 = 0
    var keepsBuffers = false
    /// When the peer last took bytes while some were pending; 0 while none are.
    var stalledSince: UInt64 = 0
    let timer: UnsafeMutablePointer<TimerNode>

    var nextDirty: ConnectionPointer?
    /// Client: which service's listener accepted it.
    var service: Unmanaged<Service>?
    var address = PeerAddress()
    /// ``address`` without its port, written once: evidence names it with every request.
    var addressText = GrowableBytes(capacity: 16)
    var identity: String?
    /// Upstream: the sum of the services' verdict versions when what waits here was last looked at.
    var verdictVersion: UInt64 = 0
    /// Upstream: the pool it belongs to.
    var pool: Unmanaged<OriginPool>?

    init(worker: Worker, fd: Int32, role: Role) {
        self.worker = .passUnretained(worker)
        self.fd = fd
        self.role = role
        timer = .allocate(capacity: 1)
        timer.initialize(to: TimerNode())
    }

    deinit { timer.deallocate() }

    var hasPending: Bool { !pending.isEmpty }

    /// Whether a request whose head has just been read has no body to wait for.
    func bodyIsOver(_ exchange: ExchangePointer) -> Bool {
        switch exchange.pointee.request.pointee.framing {
        case .none, .length(0): true
        default: false
        }
    }
}

extension UnsafeMutablePointer where Pointee == Connection {
    /// The worker, without a retain.
    @inline(__always)
    func onWorker<R>(_ body: (Worker) -> R) -> R { pointee.worker._withUnsafeGuaranteedRef(body) }

    /// The HTTP/2 session of a client's connection, without a retain.
    @inline(__always)
    func session<R>(_ body: (H2Session) -> R) -> R? {
        guard let h2 = pointee.h2 else { return nil }
        return h2._withUnsafeGuaranteedRef(body)
    }

    /// The same of a connection to a provider.
    @inline(__always)
    func upstreamSession<R>(_ body: (H2Upstream) -> R) -> R? {
        guard let h2 = pointee.upstreamH2 else { return nil }
        return h2._withUnsafeGuaranteedRef(body)
    }

    /// Links `exchange` into this connection's list.
    func link(_ exchange: ExchangePointer) {
        let old = pointee.exchanges
        if pointee.role == .client {
            exchange.pointee.clientNext = old
            exchange.pointee.clientPrevious = nil
            old?.pointee.clientPrevious = exchange
        } else {
            exchange.pointee.upstreamNext = old
            exchange.pointee.upstreamPrevious = nil
            old?.pointee.upstreamPrevious = exchange
        }
        pointee.exchanges = exchange
        pointee.exchangeCount += 1
    }

    func unlink(_ exchange: ExchangePointer) {
        if pointee.role == .client {
            if let previous = exchange.pointee.clientPrevious {
                previous.pointee.clientNext = exchange.pointee.clientNext
            } else {
                pointee.exchanges = exchange.pointee.clientNext
            }
            exchange.pointee.clientNext?.pointee.clientPrevious = exchange.pointee.clientPrevious
            exchange.pointee.clientNext = nil
            exchange.pointee.clientPrevious = nil
        } else {
            if let previous = exchange.pointee.upstreamPrevious {
                previous.pointee.upstreamNext = exchange.pointee.upstreamNext
            } else {
                pointee.exchanges = exchange.pointee.upstreamNext
            }
            exchange.pointee.upstreamNext?.pointee.upstreamPrevious = exchange.pointee.upstreamPrevious
            exchange.pointee.upstreamNext = nil
            exchange.pointee.upstreamPrevious = nil
        }
        pointee.exchangeCount -= 1
    }
}
