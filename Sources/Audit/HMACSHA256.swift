import COpenSSL

/// HMAC-SHA-256 (RFC 2104) under one key, ready for many short messages: the key is taken in once.
@safe struct HMACSHA256: ~Copyable {
    private let context: OpaquePointer

    init(key: UnsafeRawBufferPointer) {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else { fatalError("OpenSSL offers no HMAC") }
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { fatalError("EVP_MAC_CTX_new") }
        self.context = context
        var name: InlineArray<7, CChar> = [83, 72, 65, 50, 53, 54, 0]  // "SHA256"
        let done = withUnsafeMutableBytes(of: &name) { raw in
            let parameters = [
                OSSL_PARAM_construct_utf8_string("digest", raw.assumingMemoryBound(to: CChar.self).baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_init(context, key.assumingMemoryBound(to: UInt8.self).baseAddress, key.count, parameters)
        }
        guard done == 1 else { fatalError("EVP_MAC_init") }
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// The 32 bytes for the message `first` followed by `second`.
    mutating func authenticate(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> AuditDigest {
        var digest = AuditDigest()
        var length = 0
        withUnsafeMutableBytes(of: &digest.words) { raw in
            guard EVP_MAC_init(context, nil, 0, nil) == 1, update(first), update(second),
                EVP_MAC_final(context, raw.assumingMemoryBound(to: UInt8.self).baseAddress, &length, 32) == 1
            else { fatalError("EVP_MAC") }
        }
        return digest
    }

    private func update(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count == 0
            || EVP_MAC_update(context, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count) == 1
    }
}
