public import Bytes

/// Identifiers as people may see them in logs and errors: enough to recognise one's own, too little to use.
///
/// | kind | bytes | shown |
/// |---|---|---|
/// | phone | `+1 415 555 0167` | `+1********67` |
/// | email | `Jo Doe <jo@example.com>` | `j***@example.com` |
/// | push-token | `fcm:AbC...xyz` | `***yz` |
/// | postal, external | anything | `***` |
public enum IdentifierMask {
    /// Appends the masked form of `identifier` to `output`: printable ASCII of at most 260 bytes, whatever the bytes are.
    /// - Complexity: linear. No allocation once `output` has grown.
    public static func append(_ identifier: Span<UInt8>, kind: IdentifierKind, to output: inout GrowableBytes) {
        switch kind {
        case .phone: appendPhone(identifier, to: &output)
        case .email: appendMail(identifier, to: &output)
        case .pushToken: appendToken(identifier, to: &output)
        case .postal, .external: output.append("***")
        }
    }

    /// The plus, the first digit behind it, and the last two of at least seven.
    private static func appendPhone(_ identifier: Span<UInt8>, to output: inout GrowableBytes) {
        var digits = 0
        var hasPlus = false
        for index in identifier.indices {
            if identifier[index].isASCIIDigit { digits += 1 }
            if identifier[index] == UInt8(ascii: "+"), digits == 0 { hasPlus = true }
        }
        guard (1...DialledDigits.limit).contains(digits) else {
            output.append("***")
            return
        }
        if hasPlus { output.append(UInt8(ascii: "+")) }
        let isLong = digits >= E164.lengths.lowerBound
        var seen = 0
        for index in identifier.indices where identifier[index].isASCIIDigit {
            seen += 1
            let isShown = isLong && (seen > digits - 2 || hasPlus && seen == 1)
            output.append(isShown ? identifier[index] : UInt8(ascii: "*"))
        }
    }

    /// The first letter and the domain.
    private static func appendMail(_ identifier: Span<UInt8>, to output: inout GrowableBytes) {
        var start = 0
        var at: Int?
        for index in identifier.indices {
            if identifier[index] == UInt8(ascii: "<") { start = index + 1 }
            if identifier[index] == UInt8(ascii: "@") { at = index }
        }
        guard let at, start < at else {
            output.append("***")
            return
        }
        while start < at, identifier[start].isASCIIBlank { start += 1 }
        if start < at, identifier[start].isASCIIAlphanumeric { output.append(identifier[start].asciiLowercased) }
        output.append("***@")
        var length = 0
        for index in (at + 1)..<max(identifier.count, at + 1) {
            let byte = identifier[index]
            if byte.isASCIIAlphanumeric || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") {
                output.append(byte.asciiLowercased)
            } else if byte >= 0x80 {
                output.append(UInt8(ascii: "?"))
            } else {
                break
            }
            length += 1
            if length == 253 { break }
        }
    }

    private static func appendToken(_ identifier: Span<UInt8>, to output: inout GrowableBytes) {
        output.append("***")
        guard identifier.count >= 16 else { return }
        for index in (identifier.count - 2)..<identifier.count where identifier[index].isASCIIAlphanumeric {
            output.append(identifier[index])
        }
    }
}
