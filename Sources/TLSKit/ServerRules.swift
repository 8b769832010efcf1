import COpenSSL

/// What the callbacks of one ``TLSServerContext`` decide by: which certificate answers for a name, who may be a client, which
/// tickets are good. Owned by the front `SSL_CTX`; owns the contexts of the certificates.
final class ServerRules {
    private let material: TLSServerMaterial
    private let tickets: TLSTicketKeys?
    private let trust: TrustStore?
    private var contexts: [OpaquePointer] = []
    private var contextByName: [[UInt8]: OpaquePointer] = [:]
    private var contextWithoutName: OpaquePointer?

    init(_ material: TLSServerMaterial, tickets: TLSTicketKeys?) throws(TLSProblem) {
        self.material = material
        self.tickets = tickets
        trust = try material.clientTrust?.makeStore()
        // An EC and an RSA certificate for one name share a context: OpenSSL picks what the client can check.
        var contextBySet: [[Int]: OpaquePointer] = [:]
        for (name, set) in material.pairsByName {
            if contextBySet[set] == nil { contextBySet[set] = try makeContext(holding: set) }
            contextByName[name] = contextBySet[set]
        }
        if !material.settings.requireSNI { contextWithoutName = try makeContext(holding: [material.settings.defaultCertificate]) }
    }

    deinit { for context in contexts { SSL_CTX_free(context) } }

    private func makeContext(holding set: [Int]) throws(TLSProblem) -> OpaquePointer {
        let context = makeContext()
        contexts.append(context)
        for index in set {
            let pair = material.pairs[index]
            let chain = try PEMFile.certificates(pair.chain, file: pair.summary.file)
            let key = try PEMFile.privateKey(pair.key, file: pair.summary.file)
            try TLSProfile.install(chain, key, in: context, file: pair.summary.file)
        }
        if let files = material.clientTrust {
            // The list of CAs the client is told to choose by. A name that cannot be added only makes the choice harder.
            for certificate in try files.certificates() { SSL_CTX_add_client_CA(context, certificate.pointer) }
        }
        return context
    }

    /// A context with everything but a certificate. Front and certificate contexts are alike, because a connection takes some
    /// settings from the one it was made with and some from the one it was moved to.
    func makeContext() -> OpaquePointer {
        let context = TLSProfile.makeContext(TLS_server_method(), minimum: material.settings.minimumVersion, releasesBuffers: true)
        ALPN.installSelection(on: context)
        // Accepts every name that got past the ClientHello callback; without it OpenSSL forgets the name on resumption.
        shim_SSL_CTX_set_tlsext_servername_callback(context) { _, _, _ in SSL_TLSEXT_ERR_OK }
        _ = shim_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        let bound = material.sessionContext
        guard SSL_CTX_set_session_id_context(context, bound, UInt32(bound.count)) == 1,
            SSL_CTX_set_num_tickets(context, tickets == nil ? 0 : 1) == 1
        else { fatalError("OpenSSL refuses the session settings") }
        if tickets == nil { SSL_CTX_set_options(context, shim_SSL_OP_NO_TICKET) }
        if let trust {
            guard shim_SSL_CTX_set1_verify_cert_store(context, trust.pointer) == 1 else { fatalError("out of memory: X509_STORE") }
            var mode = SSL_VERIFY_PEER
            if case .required = material.settings.clientAuthentication { mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT }
            SSL_CTX_set_verify(context, mode) { accepted, check in
                guard accepted == 1, X509_STORE_CTX_get_error_depth(check) == 0 else { return accepted }
                // OpenSSL takes a certificate without any extended key usage for a client's. We want it said.
                if Certificate.namesClientAuth(X509_STORE_CTX_get_current_cert(check)) { return 1 }
                X509_STORE_CTX_set_error(check, X509_V_ERR_INVALID_PURPOSE)
                return 0
            }
        }
        return context
    }

    func installCallbacks(on front: OpaquePointer) {
        let rules = Unmanaged.passUnretained(self).toOpaque()
        SSL_CTX_set_client_hello_cb(front, { ssl, alert, rules in
            rules.unsafelyUnwrapped.rules { $0.choose(ssl, alert) }
        }, rules)
        guard tickets != nil else { return }
        guard SSL_CTX_set_session_ticket_cb(
            front,
            { ssl, _ in ServerRules.bindTicket(ssl) },
            { ssl, session, _, _, status, rules in rules.unsafelyUnwrapped.rules { $0.judgeTicket(ssl, session, status) } },
            rules) == 1
        else { fatalError("OpenSSL refuses the ticket callbacks") }
        TicketSealing.install(on: front)
    }
}

extension UnsafeMutableRawPointer {
    /// Calls `body` with the rules this pointer was made from, without counting a reference.
    fileprivate func rules<R>(_ body: (ServerRules) -> R) -> R {
        Unmanaged<ServerRules>.fromOpaque(self)._withUnsafeGuaranteedRef(body)
    }
}

// The name.
extension ServerRules {
    /// Runs on every ClientHello, before anything else in it is looked at, so that the ticket can be judged by the name.
    fileprivate func choose(_ ssl: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?) -> Int32 {
        guard let ssl, let transport = TLSStream.transport(of: ssl) else { return SSL_CLIENT_HELLO_ERROR }
        var pointer: UnsafePointer<UInt8>?
        var count = 0
        let isPresent = SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_server_name), &pointer, &count) == 1
        var name: [UInt8] = []
        if isPresent {
            guard let asked = ServerNameExtension.hostName(UnsafeBufferPointer(start: pointer, count: count)) else {
                alert?.pointee = SSL_AD_DECODE_ERROR
                return SSL_CLIENT_HELLO_ERROR
            }
            name = asked
        }
        guard let context = isPresent ? self.context(for: name) : contextWithoutName else {
            transport.pointee.refusal = isPresent ? .unknownServerName : .missingServerName
            transport.pointee.refusedServerName = name
            alert?.pointee = SSL_AD_UNRECOGNIZED_NAME
            return SSL_CLIENT_HELLO_ERROR
        }
        transport.pointee.nameDigest = Self.digest(name)
        guard SSL_set_SSL_CTX(ssl, context) != nil else {
            alert?.pointee = SSL_AD_INTERNAL_ERROR
            return SSL_CLIENT_HELLO_ERROR
        }
        return SSL_CLIENT_HELLO_SUCCESS
    }

    /// The exact name first, then the wildcard that stands for its first label (RFC 6125 section 6.4.3).
    private func context(for name: [UInt8]) -> OpaquePointer? {
        if let exact = contextByName[name] { return exact }
        guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0 else { return nil }
        return contextByName[[UInt8(ascii: "*")] + name[dot...]]
    }

    private static func digest(_ name: [UInt8]) -> TLSTransport.NameDigest {
        let bytes = MessageAuthentication.sha256(name)
        return .init { bytes[$0] }
    }
}

// The ticket.
extension ServerRules {
    /// Writes into a new ticket which name it is for.
    fileprivate static func bindTicket(_ ssl: OpaquePointer?) -> Int32 {
        guard let transport = TLSStream.transport(of: ssl), let session = SSL_get_session(ssl) else { return 0 }
        let digest = transport.pointee.nameDigest
        return digest.span.withUnsafeBytes {
            SSL_SESSION_set1_ticket_appdata(session, $0.baseAddress, $0.count)
        }
    }

    /// Whether a ticket that could be opened is good for this ClientHello: issued for the same name, and its client certificate,
    /// if clients have any, would still be accepted. Anything else means a full handshake, never a refusal.
    fileprivate func judgeTicket(_ ssl: OpaquePointer?, _ session: OpaquePointer?, _ status: Int32) -> Int32 {
        guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW, let session,
            let transport = TLSStream.transport(of: ssl)
        else { return SSL_TICKET_RETURN_IGNORE_RENEW }
        var bound: UnsafeMutableRawPointer?
        var count = 0
        let digest = transport.pointee.nameDigest
        let isSameName = SSL_SESSION_get0_ticket_appdata(session, &bound, &count) == 1
            && digest.span.withUnsafeBytes { count == $0.count && CRYPTO_memcmp(bound, $0.baseAddress, count) == 0 }
        guard isSameName, isClientStillGood(session) else { return SSL_TICKET_RETURN_IGNORE_RENEW }
        // A TLS 1.3 ticket is used once (RFC 8446 appendix C.4), so each resumption brings the next.
        let isReusable = status == SSL_TICKET_SUCCESS && SSL_version(ssl) < TLS1_3_VERSION
        return isReusable ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
    }

    /// A ticket keeps the client's own certificate but not its intermediates: a client that needs those shakes hands in full.
    private func isClientStillGood(_ session: OpaquePointer) -> Bool {
        guard let trust else { return true }
        guard let certificate = SSL_SESSION_get0_peer(session) else {
            if case .required = material.settings.clientAuthentication { return false }
            return true
        }
        return trust.acceptsClient(certificate)
    }
}
