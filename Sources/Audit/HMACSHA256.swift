/// HMAC-SHA-256 (RFC 2104) under one key, ready for many short messages: the two key blocks are digested once, and every
/// message starts from copies of those states.
@safe struct HMACSHA256 {
    private var inner = SHA256()
    private var outer = SHA256()

    private static let blockSize = 64

    init(key: UnsafeRawBufferPointer) {
        guard key.count <= Self.blockSize else {
            var hash = SHA256()
            hash.update(key)
            let digest = hash.finish()
            self = withUnsafeBytes(of: digest.words) { HMACSHA256(key: $0) }
            return
        }
        var pad: InlineArray<64, UInt8> = .init(repeating: 0x36)
        for index in key.indices { pad[index] ^= key[index] }
        pad.span.withUnsafeBytes { inner.update($0) }
        for index in pad.indices { pad[index] ^= 0x36 ^ 0x5c }
        pad.span.withUnsafeBytes { outer.update($0) }
        for index in pad.indices { pad[index] = 0 }
    }

    /// The 32 bytes for the message `first` followed by `second`.
    func authenticate(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> AuditDigest {
        var inner = inner
        inner.update(first)
        inner.update(second)
        var outer = outer
        outer.update(inner.finish())
        return outer.finish()
    }
}
