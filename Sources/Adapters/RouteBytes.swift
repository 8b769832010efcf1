/// Small questions about bytes that routes ask of hosts and paths.
enum RouteBytes {
    static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    static func upper(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xdf : byte
    }

    static func lower(_ text: some Sequence<UInt8>) -> [UInt8] { text.map { lower($0) } }

    /// RFC 3986: characters that mean the same whether percent-encoded or not.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "~")
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func equal(_ a: Span<UInt8>, _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        for index in 0..<a.count where a[index] != b[index] { return false }
        return true
    }

    /// Whether `a` in lower case is `b`, which is in lower case already.
    static func equalIgnoringCase(_ a: Span<UInt8>, _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        for index in 0..<a.count where lower(a[index]) != b[index] { return false }
        return true
    }

    /// GET and HEAD.
    static func isRead(_ method: Span<UInt8>) -> Bool { equal(method, get) || equal(method, head) }

    /// Whether a query parameter, name and value as written, is called `_method`.
    static func isMethodParameter(_ parameter: Span<UInt8>) -> Bool {
        var at = 0
        var matched = 0
        while at < parameter.count, parameter[at] != UInt8(ascii: "=") {
            var byte = parameter[at]
            at += 1
            if byte == UInt8(ascii: "%"), at + 1 < parameter.count, let high = hexValue(parameter[at]), let low = hexValue(parameter[at + 1]) {
                byte = high << 4 | low
                at += 2
            }
            guard matched < override.count, lower(byte) == override[matched] else { return false }
            matched += 1
        }
        return matched == override.count
    }

    private static let get = Array("GET".utf8)
    private static let head = Array("HEAD".utf8)
    private static let override = Array("_method".utf8)
}
