import COpenSSL

/// One running SHA-256. Owns an EVP context and reuses it: after the first digest nothing is allocated.
@safe struct SHA256: ~Copyable {
    private let context: OpaquePointer
    /// The algorithm is looked up once: a fetch for every digest costs more than the digest of a short record.
    private let algorithm: OpaquePointer

    init() {
        guard let context = EVP_MD_CTX_new(), let algorithm = EVP_MD_fetch(nil, "SHA256", nil),
            EVP_DigestInit_ex2(context, algorithm, nil) == 1
        else { fatalError("OpenSSL offers no SHA-256") }
        self.context = context
        self.algorithm = algorithm
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(algorithm)
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { fatalError("EVP_DigestUpdate") }
    }

    mutating func update(_ digest: AuditDigest) {
        withUnsafeBytes(of: digest.words) { update($0) }
    }

    mutating func update(_ byte: UInt8) {
        withUnsafeBytes(of: byte) { update($0) }
    }

    /// The digest of everything since the last one; starts anew.
    mutating func finish() -> AuditDigest {
        var digest = AuditDigest()
        var length: UInt32 = 0
        withUnsafeMutableBytes(of: &digest.words) { raw in
            let target = raw.assumingMemoryBound(to: UInt8.self).baseAddress
            guard EVP_DigestFinal_ex(context, target, &length) == 1, EVP_DigestInit_ex2(context, nil, nil) == 1 else {
                fatalError("EVP_DigestFinal_ex")
            }
        }
        return digest
    }
}
