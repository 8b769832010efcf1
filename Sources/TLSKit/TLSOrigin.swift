import COpenSSL
import Glibc

/// A server a worker connects to over and over: the name it must prove, the protocols offered, and the last session, so that
/// the next connection can resume it. Used by one thread; made by ``TLSClientContext/origin(host:offer:)``.
public final class TLSOrigin {
    /// Host name or IP address as it must stand in the certificate, lower case, no port, no brackets.
    public let host: String
    public let offer: ALPN.Offer
    /// The `SSL_CTX` it belongs to, which its session was verified in.
    let context: OpaquePointer
    private let isAddress: Bool
    private let offerWire: [UInt8]
    private(set) var session: OpaquePointer?

    init(host: String, offer: ALPN.Offer, context: OpaquePointer) throws(TLSProblem) {
        let host = String(decoding: host.utf8.map(DNSName.lowercase), as: UTF8.self)
        var address = in6_addr()
        isAddress = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
        guard isAddress || DNSName.isValid(host.utf8) else {
            throw TLSProblem(
                file: "upstream", what: "'\(host)' is no host name and no IP address",
                remedy: "Write the bare name (api.example.com), without scheme, port or brackets.")
        }
        self.host = host
        self.offer = offer
        offerWire = offer.wire
        guard SSL_CTX_up_ref(context) == 1 else { fatalError("SSL_CTX_up_ref") }
        self.context = context
    }

    deinit {
        SSL_SESSION_free(session)
        SSL_CTX_free(context)
    }

    /// Tells a new connection whom to ask for, whom to accept, what to offer and what to resume. `false`: out of memory.
    func prepare(_ ssl: OpaquePointer) -> Bool {
        let parameters = SSL_get0_param(ssl)
        X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS) | UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        // SNI carries no addresses (RFC 6066 section 3).
        let isNamed = isAddress
            ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1
            : SSL_set1_host(ssl, host) == 1 && shim_SSL_set_tlsext_host_name(ssl, host) == 1
        guard isNamed, SSL_set_alpn_protos(ssl, offerWire, UInt32(offerWire.count)) == 0 else { return false }
        guard let resumable else { return true }
        return SSL_set_session(ssl, resumable) == 1
    }

    /// Keeps `session` for the next connection and takes over the caller's reference.
    func keep(_ session: OpaquePointer) {
        SSL_SESSION_free(self.session)
        self.session = session
    }

    /// The session to offer: still resumable, and the certificate it was verified with has not expired since.
    private var resumable: OpaquePointer? {
        guard let session, SSL_SESSION_is_resumable(session) == 1,
            let certificate = SSL_SESSION_get0_peer(session), X509_cmp_time(X509_get0_notAfter(certificate), nil) > 0
        else { return nil }
        return session
    }

    /// Drops the kept session: the next handshake is a full one.
    public func forgetSession() {
        SSL_SESSION_free(session)
        session = nil
    }
}
