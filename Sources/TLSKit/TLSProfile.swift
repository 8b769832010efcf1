import COpenSSL

/// What every context of ours has in common, both sides: Mozilla's "intermediate" (version 5.7), without its DHE suites.
enum TLSProfile {
    static let tls12Suites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    static let tls13Suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    static let groups = "X25519:P-256:P-384"
    /// How long a session may be resumed, seconds.
    static let sessionLifetime = 7_200

    /// A new context of one role, the caller's to free.
    /// - Parameter releasesBuffers: an idle connection has no record buffers, some 33 KiB less, and a busy one allocates and
    ///   frees them again and again: ``TLSStream/keepBuffers(_:)``. For the side that has thousands of connections.
    static func makeContext(_ method: OpaquePointer?, minimum: TLSVersion, releasesBuffers: Bool) -> OpaquePointer {
        guard let context = SSL_CTX_new(method) else { fatalError("OpenSSL cannot make a context") }
        // Level 2: no RSA below 2048 bits, no curve below 224, no SHA-1 signatures. After it, so that the lists are checked by it.
        SSL_CTX_set_security_level(context, 2)
        guard shim_SSL_CTX_set_min_proto_version(context, minimum.number) == 1,
            shim_SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1,
            SSL_CTX_set_cipher_list(context, tls12Suites) == 1,
            SSL_CTX_set_ciphersuites(context, tls13Suites) == 1,
            shim_SSL_CTX_set1_groups_list(context, groups) == 1
        else { fatalError("this OpenSSL lacks a protocol, suite or group that TLS needs here") }
        SSL_CTX_set_options(context, shim_SSL_OP_NO_COMPRESSION | shim_SSL_OP_NO_RENEGOTIATION)
        // Partial writes stay off: the sink takes everything, so a write never has to be cut at a record.
        let buffers = releasesBuffers ? Int(SSL_MODE_RELEASE_BUFFERS) : 0
        _ = shim_SSL_CTX_set_mode(context, buffers | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER) | Int(SSL_MODE_AUTO_RETRY))
        shim_SSL_CTX_set_read_ahead(context, 1)
        _ = shim_SSL_CTX_set_max_cert_list(context, 64 << 10)
        SSL_CTX_set_timeout(context, sessionLifetime)
        // 0-RTT data can be replayed, and a replayed send is a second message.
        SSL_CTX_set_max_early_data(context, 0)
        return context
    }

    /// Installs a chain and its key. More than one pair goes into a context when the kinds of key differ.
    static func install(_ chain: [Certificate], _ key: PrivateKey, in context: OpaquePointer, file: String) throws(TLSProblem) {
        defer { ERR_clear_error() }
        guard SSL_CTX_use_certificate(context, chain[0].pointer) == 1 else { throw refused(file) }
        for issuer in chain.dropFirst() {
            guard X509_up_ref(issuer.pointer) == 1 else { fatalError("X509_up_ref") }
            guard shim_SSL_CTX_add0_chain_cert(context, issuer.pointer) == 1 else {
                X509_free(issuer.pointer)
                throw refused(file)
            }
        }
        guard SSL_CTX_use_PrivateKey(context, key.pointer) == 1 else { throw refused(file) }
    }

    private static func refused(_ file: String) -> TLSProblem {
        TLSProblem(
            file: file, what: "is refused by OpenSSL (\(TLSFailure.reason(ERR_peek_last_error())))",
            remedy: "Issue it with an ECDSA P-256 or an RSA key of at least 2048 bits, signed with SHA-256 or better.")
    }

    /// Connects `context` with an object that C callbacks need: freed with the context, after the last connection made from it.
    static func attach(_ owner: AnyObject, to context: OpaquePointer) {
        guard SSL_CTX_set_ex_data(context, ownerIndex, Unmanaged.passRetained(owner).toOpaque()) == 1
        else { fatalError("out of memory: SSL_CTX ex_data") }
    }

    private static let ownerIndex: Int32 = {
        let index = shim_SSL_CTX_get_new_ex_index { _, owner, _, _, _, _ in
            if let owner { Unmanaged<AnyObject>.fromOpaque(owner).release() }
        }
        precondition(index >= 0, "out of memory: SSL_CTX ex_data index")
        return index
    }()
}
