public import Bytes
import COpenSSL

/// What one worker makes verified outgoing TLS connections with. Used by one thread.
///
/// A server is accepted when its chain ends in a trusted CA and its certificate's subject alternative names (never the common
/// name) hold the origin's host. Anything else fails the handshake; there is no switch to turn that off.
public final class TLSClientContext {
    let context: OpaquePointer

    /// - Throws: when a file of `settings` cannot be used.
    public init(_ settings: TLSClientSettings = .init(), now: Int64 = UnixTime.now()) throws(TLSProblem) {
        context = TLSProfile.makeContext(TLS_client_method(), minimum: settings.minimumVersion, releasesBuffers: false)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        if let file = settings.authorities {
            let store = try TrustFiles(authorities: file, revocationLists: settings.revocationLists, now: now).makeStore()
            guard shim_SSL_CTX_set1_verify_cert_store(context, store.pointer) == 1 else { fatalError("out of memory: X509_STORE") }
        } else if let file = settings.revocationLists {
            throw TLSProblem(file: file, what: "is a revocation list without a CA", remedy: "Name the CA file too.")
        } else if SSL_CTX_set_default_verify_paths(context) != 1 {
            ERR_clear_error()
            throw TLSProblem(
                file: "upstream", what: "the system's CA certificates cannot be loaded",
                remedy: "Install the package ca-certificates, or name a CA file.")
        }
        if let files = settings.certificate {
            let pair = try KeyPair(chain: files.chain, key: files.key, now: now)
            try TLSProfile.install(pair.chain, pair.key, in: context, file: files.chain)
        }
        // Sessions go to their origin, never into OpenSSL's own cache, which would keep one for every server ever met.
        _ = shim_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_CLIENT) | Int(SSL_SESS_CACHE_NO_INTERNAL))
        SSL_CTX_sess_set_new_cb(context) { ssl, session in
            guard let session, let origin = TLSStream.transport(of: ssl)?.pointee.origin else { return 0 }
            origin._withUnsafeGuaranteedRef { $0.keep(session) }
            return 1
        }
    }

    deinit { SSL_CTX_free(context) }

    /// A server to connect to. Keep it as long as there may be another connection: it holds the session to resume. It belongs
    /// to this context, whose CAs its session was verified by.
    /// - Parameter host: a DNS name or an IP address, without port or brackets.
    public func origin(host: String, offer: ALPN.Offer = .http2ThenHTTP1) throws(TLSProblem) -> TLSOrigin {
        try TLSOrigin(host: host, offer: offer, context: context)
    }

    /// A stream over `fd`, a non-blocking socket connected or connecting to `origin`, about to shake hands.
    /// - Parameter output: where the stream puts ciphertext; see ``TLSTransport/output``.
    public func connect(fd: Int32, origin: TLSOrigin, output: UnsafeMutablePointer<GrowableBytes>) -> TLSStream {
        precondition(origin.context == context, "an origin is used with the context it came from")
        guard let ssl = SSL_new(context) else { fatalError("out of memory: SSL") }
        SSL_set_connect_state(ssl)
        guard origin.prepare(ssl) else { fatalError("out of memory: SSL") }
        let transport = UnsafeMutablePointer<TLSTransport>.allocate(capacity: 1)
        transport.initialize(to: TLSTransport(fd: fd, output: output))
        transport.pointee.origin = .passUnretained(origin)
        return TLSStream(ssl, transport, origin: origin)
    }
}
