import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that arrive piece by piece.
///
/// Errors: none to handle, as with ``MessageAuthentication``.
@safe public struct RunningDigest: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            fatalError("SHA-256 is not available in this OpenSSL")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer {
            guard EVP_DigestUpdate(context, $0.baseAddress, $0.count) == 1 else { fatalError("SHA-256 failed") }
        }
    }

    /// The digest of everything so far: 32 bytes. More may follow.
    public func finish() -> [UInt8] {
        guard let end = EVP_MD_CTX_new(), EVP_MD_CTX_copy_ex(end, context) == 1 else { fatalError("SHA-256 failed") }
        defer { EVP_MD_CTX_free(end) }
        return [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            var length: UInt32 = 0
            guard EVP_DigestFinal_ex(end, digest.baseAddress, &length) == 1, length == 32 else { fatalError("SHA-256 failed") }
            count = 32
        }
    }
}
