import Bytes

/// Push tokens and external ids: bytes that mean something to the provider alone.
enum OpaqueIdentifier {
    static let limit = 4096

    /// The part of `bytes` between ASCII blanks, which is the normal form. Tokens of the Apple service are hexadecimal and
    /// read in either case; see ``isHexToken(_:)``.
    static func trimmed(_ bytes: Span<UInt8>) throws(IdentifierProblem) -> Range<Int> {
        var start = 0
        var end = bytes.count
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        if start == end { throw .empty }
        guard end - start <= limit else { throw .tooLong }
        for index in start..<end where bytes[index].isASCIIControl { throw .controlCharacter }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte.isASCIIBlank || byte == 0x0a || byte == 0x0d }

    /// Whether `token` is an APNs device token: 64 hexadecimal digits or more. Its letters are folded to small ones, or a
    /// sender could pass an opt-out by writing it in capitals.
    static func isHexToken(_ token: Span<UInt8>) -> Bool {
        guard token.count >= 64 else { return false }
        for index in token.indices where !token[index].isASCIIHexDigit { return false }
        return true
    }

    /// Appends the normal form of an opaque identifier that is already trimmed.
    static func appendNormalForm(of bytes: Span<UInt8>, kind: IdentifierKind, to form: inout GrowableBytes) {
        guard kind == .pushToken, isHexToken(bytes) else { return form.append(bytes) }
        for index in bytes.indices { form.append(bytes[index].asciiLowercased) }
    }
}
