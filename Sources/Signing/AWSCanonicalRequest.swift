import Bytes

/// The one text of a request that both sides hash.
///
///     METHOD \n path \n query \n name:value\n ... \n signed names \n payload hash
///
/// Source: AWS IAM User Guide, "Create a signed AWS API request", step 1; botocore 1.44.5, auth.py.
enum AWSCanonicalRequest {
    /// - Parameter names: the signed headers, in lower case and in order.
    static func text(_ request: AWSRequest, names: [[UInt8]]) -> [UInt8] {
        var out: [UInt8] = []
        out += request.method
        out.append(newline)
        out += path(request.path)
        out.append(newline)
        out += query(request.query)
        out.append(newline)
        for name in names {
            out += name
            out.append(UInt8(ascii: ":"))
            var isFirst = true
            for field in request.fields where field.name == name {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                appendTrimmed(field.value, to: &out)
            }
            out.append(newline)
        }
        out.append(newline)
        out += names.joined(separator: [UInt8(ascii: ";")])
        out.append(newline)
        out += request.payloadHash
        return out
    }

    private static let newline: UInt8 = 0x0a

    /// Without dot and empty segments, then escaped once more: all services but S3 want the path encoded twice.
    static func path(_ path: [UInt8]) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        var kept: [ArraySlice<UInt8>] = []
        for segment in path.split(separator: slash) {
            if segment.elementsEqual(".".utf8) { continue }
            if segment.elementsEqual("..".utf8) { _ = kept.popLast() } else { kept.append(segment) }
        }
        var out: [UInt8] = [slash]
        for (index, segment) in kept.enumerated() {
            if index > 0 { out.append(slash) }
            for byte in segment { appendEscaped(byte, to: &out) }
        }
        if path.count > 1, path.last == slash, !kept.isEmpty { out.append(slash) }
        return out
    }

    /// Names and values escaped in the one way, sorted by name, then by value.
    static func query(_ query: [UInt8]) -> [UInt8] {
        guard !query.isEmpty else { return [] }
        var pairs: [(name: [UInt8], value: [UInt8])] = []
        for piece in query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            let value = equals < piece.endIndex ? piece[(equals + 1)...] : []
            pairs.append((escapedAnew(piece[..<equals]), escapedAnew(value)))
        }
        pairs.sort { $0.name == $1.name ? $0.value.lexicographicallyPrecedes($1.value) : $0.name.lexicographicallyPrecedes($1.name) }
        var out: [UInt8] = []
        for (index, pair) in pairs.enumerated() {
            if index > 0 { out.append(UInt8(ascii: "&")) }
            out += pair.name
            out.append(UInt8(ascii: "="))
            out += pair.value
        }
        return out
    }

    /// Escapes are read and written again, so that `%7e`, `%7E` and `~` are the same.
    private static func escapedAnew(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var at = text.startIndex
        while at < text.endIndex {
            if text[at] == UInt8(ascii: "%"), text.endIndex - at > 2, let high = text[at + 1].hexDigitValue,
                let low = text[at + 2].hexDigitValue
            {
                appendEscaped(high << 4 | low, to: &out)
                at += 3
            } else {
                appendEscaped(text[at], to: &out)
                at += 1
            }
        }
        return out
    }

    private static func appendEscaped(_ byte: UInt8, to out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"): out.append(byte)
        case _ where byte.isASCIIAlphanumeric: out.append(byte)
        default:
            out.append(UInt8(ascii: "%"))
            out.append(upperDigit(byte >> 4))
            out.append(upperDigit(byte & 15))
        }
    }

    private static func upperDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    /// Without blanks at the ends; runs of blanks within become one space.
    private static func appendTrimmed(_ value: [UInt8], to out: inout [UInt8]) {
        var isBlank = false
        let start = out.count
        for byte in value {
            if byte.isASCIIBlank {
                isBlank = true
            } else {
                if isBlank, out.count > start { out.append(0x20) }
                isBlank = false
                out.append(byte)
            }
        }
    }
}
