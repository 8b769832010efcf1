public import Bytes
import COpenSSL
import Glibc

/// The two ends OpenSSL's callbacks use: a socket to receive from, a sink for ciphertext. One per connection, at a stable
/// address that ``TLSStream`` owns; the engine reads and sets the public fields between calls.
///
/// No call ever blocks or sends. Ciphertext is appended to `output`, which may be one scratch buffer for all connections of a
/// worker: whatever a call on a stream appended belongs to that stream, also after `read` and `handshake` (tickets,
/// KeyUpdate answers and alerts are written there too).
public struct TLSTransport {
    public let fd: Int32
    /// The socket has nothing left: a receive came back short or would have blocked. The engine clears it on a readable edge.
    public var drained = false
    /// The engine saw the peer's FIN (EPOLLRDHUP). From then on a short receive does not mean drained: the end is still to read.
    public var peerClosed = false
    /// recv has returned 0.
    public internal(set) var endOfStream = false
    /// How many receives are still allowed. At 0 the stream answers `wantsRead` without being drained, so one busy or
    /// hostile peer (a flood of KeyUpdates keeps SSL_read inside OpenSSL) cannot hold the loop. Refilled by the engine each
    /// turn; not limited unless it is set.
    public var receiveBudget = Int.max
    /// Receives done so far: the metric for system calls per request.
    public internal(set) var receives = 0
    /// Where ciphertext goes. Must stay valid while the stream lives.
    public var output: UnsafeMutablePointer<GrowableBytes>

    /// Server: the name a client asked for in vain, lower case, for the log. Written by a stranger: escape it.
    public internal(set) var refusedServerName: [UInt8] = []

    var socketError: Int32 = 0
    /// Server: why a callback of ours refused the ClientHello, of which OpenSSL only says that it did.
    var refusal: TLSFailure.Kind?
    var failure: TLSFailure?
    /// Server: the digest of the server name this handshake asked for, which a ticket must have been issued for.
    var nameDigest: NameDigest = .init(repeating: 0)

    /// Server: what tickets are sealed with. The stream's OpenSSL context keeps it alive.
    var ticketKeys: Unmanaged<TLSTicketKeys>?

    /// Client: whose session to keep. The stream keeps it alive.
    var origin: Unmanaged<TLSOrigin>?

    typealias NameDigest = InlineArray<32, UInt8>

    init(fd: Int32, output: UnsafeMutablePointer<GrowableBytes>) {
        self.fd = fd
        self.output = output
    }

    /// The method table of our BIO; made once, never freed.
    nonisolated(unsafe) private static let method: OpaquePointer = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stopgate"),
            BIO_meth_set_read_ex(method, receive) == 1,
            BIO_meth_set_write_ex(method, append) == 1,
            BIO_meth_set_ctrl(method, control) == 1
        else { fatalError("OpenSSL cannot make a BIO method") }
        return method
    }()

    /// A BIO over the transport at `address`. The caller owns it.
    static func makeBIO(_ address: UnsafeMutablePointer<TLSTransport>) -> OpaquePointer {
        guard let bio = BIO_new(method) else { fatalError("out of memory: BIO") }
        BIO_set_data(bio, address)
        BIO_set_init(bio, 1)
        return bio
    }
}

// The callbacks touch single fields through the pointer and never hold an `inout` of the whole transport: the engine may read
// a field between calls, and nothing here re-enters it.

private func transport(_ bio: OpaquePointer?) -> UnsafeMutablePointer<TLSTransport> {
    BIO_get_data(bio).unsafelyUnwrapped.assumingMemoryBound(to: TLSTransport.self)
}

/// OpenSSL asks for ciphertext: received straight into its read-ahead buffer.
private func receive(
    _ bio: OpaquePointer?, _ buffer: UnsafeMutablePointer<CChar>?, _ room: Int, _ received: UnsafeMutablePointer<Int>?
) -> Int32 {
    let transport = transport(bio)
    shim_BIO_clear_retry_flags(bio)
    if transport.pointee.drained || transport.pointee.receiveBudget <= 0 {
        shim_BIO_set_retry_read(bio)
        return 0
    }
    transport.pointee.receiveBudget -= 1
    while true {
        transport.pointee.receives &+= 1
        let count = recv(transport.pointee.fd, buffer, room, 0)
        if count > 0 {
            received?.pointee = count
            // A short receive says the socket is empty, which saves the receive that would only answer EAGAIN.
            if count < room, !transport.pointee.peerClosed { transport.pointee.drained = true }
            return 1
        }
        if count == 0 {
            transport.pointee.endOfStream = true
            return 0
        }
        switch errno {
        case EINTR: continue
        case EAGAIN:
            transport.pointee.drained = true
            shim_BIO_set_retry_read(bio)
        case let error: transport.pointee.socketError = error
        }
        return 0
    }
}

/// OpenSSL has ciphertext to send: always taken whole, so a TLS write never waits and never has to be repeated.
private func append(
    _ bio: OpaquePointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int, _ taken: UnsafeMutablePointer<Int>?
) -> Int32 {
    shim_BIO_clear_retry_flags(bio)
    if let bytes, count > 0 {
        bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
            transport(bio).pointee.output.pointee.append(UnsafeBufferPointer(start: $0, count: count))
        }
    }
    taken?.pointee = count
    return 1
}

private func control(_ bio: OpaquePointer?, _ command: Int32, _ number: Int, _ pointer: UnsafeMutableRawPointer?) -> Int {
    switch command {
    case BIO_CTRL_FLUSH: 1
    case BIO_CTRL_EOF: transport(bio).pointee.endOfStream ? 1 : 0
    default: 0
    }
}
