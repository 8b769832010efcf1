/// A host with an optional port, as in `Host`, `:authority` and absolute-form targets, without userinfo.
///
/// Accepts what the routes of a gateway can match: DNS names and IPv4 addresses of letters, digits, `-`, `.`, `_`, at most 253
/// octets, and bracketed IPv6 addresses. The rest of RFC 3986's reg-name (percent escapes, sub-delimiters) is refused.
public struct Authority: Equatable, Sendable {
    /// Length of the host, which starts at the first byte; brackets included.
    public let hostCount: Int
    /// The port, if one was written.
    public let port: UInt16?

    /// Reads `text` whole; `nil` when it is not an authority of the form above.
    public init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard !text.isEmpty else { return nil }
        let first = text[0]
        var i = 0
        if first == UInt8(ascii: "[") {
            i = 1
            var colons = 0
            while i < text.count, text[i] != UInt8(ascii: "]") {
                guard text[i].hexValue != nil || text[i] == UInt8(ascii: ":") || text[i] == UInt8(ascii: ".") else { return nil }
                if text[i] == UInt8(ascii: ":") { colons += 1 }
                i += 1
            }
            guard i < text.count, i <= 46, colons >= 2 else { return nil }
            i += 1
        } else {
            let bytes = UnsafePointer(text.baseAddress.unsafelyUnwrapped), count = text.count
            i = FieldOctets.hostPrefix(bytes, count)
            guard i == count || bytes[i] == UInt8(ascii: ":") else { return nil }
            guard i > 0, i <= 253, first != UInt8(ascii: ".") else { return nil }
        }
        hostCount = i
        guard i < text.count else { port = nil; return }
        guard text[i] == UInt8(ascii: ":"), i + 1 < text.count, text.count - i <= 6 else { return nil }
        var number = 0
        for byte in text.part(i + 1..<text.count) {
            guard byte.isDigit else { return nil }
            number = number * 10 + Int(byte &- 0x30)
        }
        guard number > 0, number <= 65535 else { return nil }
        port = UInt16(number)
    }

    /// Whether two texts name the same host and port: case folded, an absent port standing for `defaultPort`.
    public static func same(
        _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>, defaultPort: UInt16 = 443
    ) -> Bool {
        guard let x = Authority(a), let y = Authority(b) else { return false }
        return (x.port ?? defaultPort) == (y.port ?? defaultPort)
            && a.part(0..<x.hostCount).matchesIgnoringCase(b.part(0..<y.hostCount))
    }
}
