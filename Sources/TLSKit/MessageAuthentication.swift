import COpenSSL

/// Digests, message authentication codes and random bytes, all through OpenSSL's EVP.
///
/// Errors: none to handle. The algorithms are built into OpenSSL and the lengths are ours, so a failing call means the
/// library is broken or memory is gone, and the process ends rather than go on with a wrong digest.
public enum MessageAuthentication {
    /// HMAC-SHA-1 (RFC 2104) of `data`: 20 bytes. For the webhook signatures that still use it (Twilio); collisions in SHA-1
    /// do not break it. Complexity: linear in `data`.
    public static func hmacSHA1(key: [UInt8], _ data: [UInt8]) -> [UInt8] {
        hmac(EVP_sha1(), key, data)
    }

    /// HMAC-SHA-256 (RFC 2104) of `data`: 32 bytes. Complexity: linear in `data`.
    public static func hmacSHA256(key: [UInt8], _ data: [UInt8]) -> [UInt8] {
        hmac(EVP_sha256(), key, data)
    }

    /// HMAC-SHA-512 (RFC 2104) of `data`: 64 bytes. Complexity: linear in `data`.
    public static func hmacSHA512(key: [UInt8], _ data: [UInt8]) -> [UInt8] {
        hmac(EVP_sha512(), key, data)
    }

    /// HMAC-MD5 (RFC 2104) of `data`: 16 bytes. Only where a provider signs with it (Vonage): nothing of ours rests on it.
    public static func hmacMD5(key: [UInt8], _ data: [UInt8]) -> [UInt8] {
        hmac(EVP_md5(), key, data)
    }

    /// MD5 (RFC 1321) of `data`: 16 bytes. As for ``hmacMD5(key:_:)``.
    public static func md5(_ data: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { digest, count in
            var length: UInt32 = 0
            guard EVP_Digest(data, data.count, digest.baseAddress, &length, EVP_md5(), nil) == 1, length == 16
            else { fatalError("MD5 is not available in this OpenSSL") }
            count = 16
        }
    }

    /// SHA-256 (FIPS 180-4) of `data`: 32 bytes. Complexity: linear in `data`.
    public static func sha256(_ data: [UInt8]) -> [UInt8] {
        data.withUnsafeBufferPointer { sha256($0) }
    }

    static func sha256(_ data: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            var length: UInt32 = 0
            guard EVP_Digest(data.baseAddress, data.count, digest.baseAddress, &length, EVP_sha256(), nil) == 1, length == 32
            else { fatalError("SHA-256 is not available in this OpenSSL") }
            count = 32
        }
    }

    /// Whether `a` and `b` hold the same bytes, in a time that depends on their lengths only.
    /// A length is no secret: arrays of different lengths are unequal at once.
    public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count
            && a.withUnsafeBytes { left in b.withUnsafeBytes { right in CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 } }
    }

    /// `n` bytes from OpenSSL's cryptographic generator, which the kernel seeds.
    public static func randomBytes(_ n: Int) -> [UInt8] {
        precondition(n >= 0 && n <= Int(Int32.max), "randomBytes asked for \(n) bytes")
        return [UInt8](unsafeUninitializedCapacity: n) { bytes, count in
            guard n == 0 || RAND_bytes(bytes.baseAddress, Int32(n)) == 1 else { fatalError("no randomness from OpenSSL") }
            count = n
        }
    }

    private static func hmac(_ digest: OpaquePointer?, _ key: [UInt8], _ data: [UInt8]) -> [UInt8] {
        let size = Int(EVP_MD_get_size(digest))
        // OpenSSL reads a nil key as "the key of the call before": an empty key needs an address too.
        let key = key.isEmpty ? [0] : key, keyLength = key.isEmpty ? 0 : key.count
        return [UInt8](unsafeUninitializedCapacity: size) { code, count in
            var length: UInt32 = 0
            guard HMAC(digest, key, Int32(keyLength), data, data.count, code.baseAddress, &length) != nil, Int(length) == size
            else { fatalError("HMAC is not available in this OpenSSL") }
            count = size
        }
    }
}
