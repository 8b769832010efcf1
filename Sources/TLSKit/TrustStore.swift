import COpenSSL

/// Owns one `X509_STORE`: the only certificates a chain may end in.
final class TrustStore {
    let pointer: OpaquePointer

    /// Exactly `certificates`. Any of them ends a chain, self-signed or not, so an intermediate or a single certificate can
    /// be pinned.
    init(certificates: [Certificate]) {
        guard let store = X509_STORE_new() else { fatalError("out of memory: X509_STORE") }
        pointer = store
        for certificate in certificates where X509_STORE_add_cert(store, certificate.pointer) != 1 {
            fatalError("out of memory: X509_STORE")
        }
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    deinit { X509_STORE_free(pointer) }

    /// From now on a certificate needs a fresh list of its own CA that does not revoke it.
    func require(_ lists: [RevocationList]) {
        for list in lists where X509_STORE_add_crl(pointer, list.pointer) != 1 { fatalError("out of memory: X509_STORE") }
        X509_STORE_set_flags(pointer, UInt(X509_V_FLAG_CRL_CHECK))
    }

    /// Whether `certificate` alone, without intermediates, is good now as a client's.
    func acceptsClient(_ certificate: OpaquePointer) -> Bool {
        guard Certificate.namesClientAuth(certificate), let check = X509_STORE_CTX_new() else { return false }
        defer {
            X509_STORE_CTX_free(check)
            ERR_clear_error()
        }
        return X509_STORE_CTX_init(check, pointer, certificate, nil) == 1
            && X509_STORE_CTX_set_default(check, "ssl_client") == 1
            && X509_verify_cert(check) == 1
    }
}
