/// A deliberately loose HTTP/1.1 server, as met in the wild: an oracle for what we write. Two such servers that read our bytes
/// differently would be a smuggling hole.
struct QuirkyParser {
    enum LineEnd { case crlf, lf, crOrLf }
    enum Duplicate { case first, last }

    var name: String
    var lineEnd = LineEnd.crlf
    /// Content-Length wins over Transfer-Encoding.
    var lengthFirst = false
    /// Any Transfer-Encoding value that contains `chunked`.
    var looseCoding = false
    /// Names are trimmed, stripped of controls, `_` read as `-`.
    var looseNames = false
    /// Chunk sizes are read as far as they are digits; the rest of the line is ignored.
    var prefixSizes = false
    /// Lengths and sizes may carry a sign, blanks, `0x`.
    var looseNumbers = false
    /// Lines that start with a blank continue the line before.
    var unfolds = false
    var duplicate = Duplicate.first

    struct Message: Equatable { var method: String, target: String, host: String, type: String, body: [UInt8] }

    static let panel = [
        QuirkyParser(name: "plain"),
        QuirkyParser(name: "length first", lengthFirst: true, duplicate: .last),
        QuirkyParser(name: "loose coding", looseCoding: true, looseNames: true),
        QuirkyParser(name: "bare LF", lineEnd: .lf, unfolds: true),
        QuirkyParser(name: "bare CR", lineEnd: .crOrLf, looseNames: true, duplicate: .last),
        QuirkyParser(name: "prefix sizes", lineEnd: .lf, prefixSizes: true, looseNumbers: true),
        QuirkyParser(name: "all loose", lineEnd: .crOrLf, looseCoding: true, looseNames: true, prefixSizes: true, looseNumbers: true, unfolds: true),
    ]

    /// Every message in `bytes`; `nil` when something is left that is none.
    func messages(_ bytes: [UInt8]) -> [Message]? {
        var at = 0
        var list: [Message] = []
        while at < bytes.count {
            guard let message = message(bytes, &at), list.count < 50 else { return nil }
            list.append(message)
        }
        return list
    }

    private func line(_ bytes: [UInt8], _ at: inout Int) -> [UInt8]? {
        var end = at
        while end < bytes.count {
            switch (lineEnd, bytes[end]) {
            case (.crlf, 13) where end + 1 < bytes.count && bytes[end + 1] == 10, (.crOrLf, 13) where end + 1 < bytes.count && bytes[end + 1] == 10:
                defer { at = end + 2 }
                return Array(bytes[at..<end])
            case (.lf, 10), (.crOrLf, 10), (.crOrLf, 13):
                defer { at = end + 1 }
                let line = Array(bytes[at..<end])
                return lineEnd == .lf && line.last == 13 ? Array(line.dropLast()) : line
            default: end += 1
            }
        }
        return nil
    }

    private func message(_ bytes: [UInt8], _ at: inout Int) -> Message? {
        guard let start = line(bytes, &at) else { return nil }
        let words = start.split(whereSeparator: { $0 == 32 || $0 == 9 }).map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 3 else { return nil }
        var lines: [[UInt8]] = []
        while true {
            guard let next = line(bytes, &at) else { return nil }
            if next.isEmpty { break }
            if unfolds, next[0] == 32 || next[0] == 9, let last = lines.popLast() { lines.append(last + next) } else { lines.append(next) }
        }
        var fields: [String: [String]] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            var name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            if looseNames { name = String(name.unicodeScalars.filter { $0.value > 32 }.map { $0 == "_" ? "-" : Character($0) }) }
            fields[name, default: []].append(trim(String(decoding: line[(colon + 1)...], as: UTF8.self)))
        }
        func field(_ name: String) -> String? { duplicate == .first ? fields[name]?.first : fields[name]?.last }
        let coding = field("transfer-encoding")?.lowercased()
        let isChunked = looseCoding ? coding?.contains("chunked") == true : coding == "chunked"
        let length = field("content-length")
        var body: [UInt8] = []
        if isChunked, !(lengthFirst && length != nil) {
            guard let chunks = chunks(bytes, &at) else { return nil }
            body = chunks
        } else if let length {
            guard let count = number(length, radix: 10), at + count <= bytes.count else { return nil }
            body = Array(bytes[at..<at + count])
            at += count
        }
        return Message(method: words[0], target: words[1], host: field("host") ?? "", type: field("content-type") ?? "", body: body)
    }

    private func chunks(_ bytes: [UInt8], _ at: inout Int) -> [UInt8]? {
        var body: [UInt8] = []
        while true {
            guard let size = line(bytes, &at) else { return nil }
            var digits = String(decoding: size.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            if prefixSizes { digits = String(digits.prefix { $0.isHexDigit }) }
            guard let count = number(digits, radix: 16), at + count <= bytes.count else { return nil }
            if count == 0 {
                while let trailer = line(bytes, &at) { if trailer.isEmpty { return body } }
                return nil
            }
            body += bytes[at..<at + count]
            at += count
            guard let end = line(bytes, &at), end.isEmpty else { return nil }
        }
    }

    private func number(_ text: String, radix: Int) -> Int? {
        var text = text
        if looseNumbers {
            text = trim(text)
            if text.hasPrefix("+") { text.removeFirst() }
            if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        }
        // `Int` itself takes a plus sign.
        guard text.first?.isHexDigit == true, let value = Int(text, radix: radix), value < 1 << 40 else { return nil }
        return value
    }

    private func trim(_ text: String) -> String {
        let isBlank: (Unicode.Scalar) -> Bool = { $0.value <= 32 || (looseNames && $0.value == 0xa0) }
        let scalars = text.unicodeScalars.drop(while: isBlank)
        return String(String.UnicodeScalarView(scalars.reversed().drop(while: isBlank).reversed()))
    }
}
