public import Bytes
import COpenSSL

/// What one worker accepts TLS connections with: its own OpenSSL contexts, built from the shared material, so that handshakes
/// of different workers meet in no lock but the ticket keys'. Used by one thread.
///
/// After a reload the worker makes a new one and drops this; connections made from it live on.
public final class TLSServerContext {
    public let material: TLSServerMaterial
    private let front: OpaquePointer
    private let tickets: TLSTicketKeys?

    /// - Parameter tickets: shared by all workers, so that a client may come back to any of them. `nil`: no resumption.
    /// - Throws: when OpenSSL refuses a certificate that was readable, a key that is too weak for instance.
    public init(_ material: TLSServerMaterial, tickets: TLSTicketKeys?) throws(TLSProblem) {
        self.material = material
        self.tickets = tickets
        let rules = try ServerRules(material, tickets: tickets)
        front = rules.makeContext()
        rules.installCallbacks(on: front)
        // The front context has no certificate. OpenSSL keeps it for the session tickets; the ClientHello callback puts the
        // named certificate's context in its place for everything else.
        TLSProfile.attach(rules, to: front)
    }

    deinit { SSL_CTX_free(front) }

    /// A stream over the accepted, non-blocking socket `fd`, about to shake hands.
    /// - Parameter output: where the stream puts ciphertext; see ``TLSTransport/output``.
    public func accept(fd: Int32, output: UnsafeMutablePointer<GrowableBytes>) -> TLSStream {
        guard let ssl = SSL_new(front) else { fatalError("out of memory: SSL") }
        SSL_set_accept_state(ssl)
        let transport = UnsafeMutablePointer<TLSTransport>.allocate(capacity: 1)
        transport.initialize(to: TLSTransport(fd: fd, output: output))
        transport.pointee.ticketKeys = tickets.map { .passUnretained($0) }
        return TLSStream(ssl, transport)
    }
}
