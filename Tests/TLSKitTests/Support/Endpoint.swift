import Bytes
import Glibc
import TLSKit

/// One end of a connection over a socket pair, doing what the engine does: send what the stream appended, read on when told.
final class Endpoint {
    let fd: Int32
    let output: UnsafeMutablePointer<GrowableBytes>
    let stream: TLSStream
    private(set) var received: [UInt8] = []
    /// At most so many bytes go into one send, and the other end is given its turn in between.
    var fragment = Int.max

    init(fd: Int32, _ make: (Int32, UnsafeMutablePointer<GrowableBytes>) -> TLSStream) {
        self.fd = fd
        output = .allocate(capacity: 1)
        output.initialize(to: GrowableBytes())
        stream = make(fd, output)
    }

    deinit {
        output.deinitialize(count: 1)
        output.deallocate()
        close(fd)
    }

    /// Sends up to one fragment of the output.
    func flush() {
        let count = min(output.pointee.count, fragment)
        guard count > 0 else { return }
        let sent = send(fd, output.pointee.bytes.baseAddress, count, Int32(MSG_NOSIGNAL))
        if sent > 0 { output.pointee.removeFirst(sent) } else if errno != EAGAIN { output.pointee.truncate(to: 0) }
    }

    func advance() -> TLSStep {
        stream.transport.pointee.drained = false
        let step = stream.handshake()
        flush()
        return step
    }

    /// Reads until the stream says something other than `moved`.
    @discardableResult
    func read() -> TLSStep {
        stream.transport.pointee.drained = false
        var room = [UInt8](repeating: 0, count: 16_384)
        while true {
            let step = room.withUnsafeMutableBytes { stream.read(into: $0) }
            guard case .moved(let count) = step else {
                flush()
                return step
            }
            received += room.prefix(count)
        }
    }

    /// Reads at most `count` bytes of the next record; the rest of it stays in the stream.
    func readSome(_ count: Int) {
        stream.transport.pointee.drained = false
        var room = [UInt8](repeating: 0, count: count)
        if case .moved(let got) = room.withUnsafeMutableBytes({ stream.read(into: $0) }) { received += room.prefix(got) }
    }

    @discardableResult
    func write(_ bytes: [UInt8]) -> TLSStep {
        let step = bytes.withUnsafeBytes { stream.write($0) }
        flush()
        return step
    }

    var pending: Int { output.pointee.count }

    func isServerName(_ name: String) -> Bool { Array(name.utf8).withUnsafeBufferPointer { stream.isServerName($0) } }
}

/// Two ends of one connection.
struct Link {
    let client: Endpoint
    let server: Endpoint
    private(set) var clientStep = TLSStep.wantsRead
    private(set) var serverStep = TLSStep.wantsRead

    init(
        _ client: (Int32, UnsafeMutablePointer<GrowableBytes>) -> TLSStream,
        _ server: (Int32, UnsafeMutablePointer<GrowableBytes>) -> TLSStream
    ) {
        var ends: [Int32] = [-1, -1]
        precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        self.client = Endpoint(fd: ends[0], client)
        self.server = Endpoint(fd: ends[1], server)
    }

    init(_ client: TLSClientContext, _ origin: TLSOrigin, _ server: TLSServerContext) {
        self.init(
            { client.connect(fd: $0, origin: origin, output: $1) },
            { server.accept(fd: $0, output: $1) })
    }

    /// Shakes hands until both ends are done or one has failed and the other has heard of it. Then the client reads once, for
    /// what comes after a TLS 1.3 handshake: the ticket, or the server's refusal of its certificate.
    mutating func handshake(rounds: Int = 20) {
        for _ in 0..<rounds where clientStep == .wantsRead || serverStep == .wantsRead {
            if clientStep == .wantsRead { clientStep = client.advance() } else { client.flush() }
            if serverStep == .wantsRead { serverStep = server.advance() } else { server.flush() }
        }
        if clientStep == .moved(0) {
            let after = client.read()
            if after != .wantsRead { clientStep = after }
        }
    }

    var isUp: Bool { clientStep == .moved(0) && serverStep == .moved(0) }
}

extension Endpoint {
    /// Ends the sending direction of the socket without a word of TLS.
    func hangUp() { Glibc.shutdown(fd, Int32(SHUT_WR)) }
}

// `#expect` cannot look into a type that is not copyable, so it is shown values of the stream.
extension Endpoint {
    var failure: TLSFailure? { stream.failure }
    var isResumed: Bool { stream.isResumed }
    var subject: String? { stream.peerCertificateSubject }
    var hasServerName: Bool { !stream.serverName.isEmpty }
    var cipherSuite: String { stream.cipherSuite }
    var version: TLSVersion { stream.protocolVersion }
    var alpn: ALPN { stream.alpn }
}
