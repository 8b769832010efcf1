import COpenSSL

/// One running SHA-256. A plain struct that OpenSSL works on in place: nothing is allocated, and a state can be copied, which
/// is what makes ``HMACSHA256`` cheap.
@safe struct SHA256 {
    private var state = SHA256_CTX()

    init() { SHA256_Init(&state) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        SHA256_Update(&state, bytes.baseAddress, bytes.count)
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
        withUnsafeMutableBytes(of: &digest.words) { raw in
            _ = SHA256_Final(raw.assumingMemoryBound(to: UInt8.self).baseAddress, &state)
        }
        SHA256_Init(&state)
        return digest
    }
}
