import Foundation

/// A text with placeholders, cut into pieces once. A placeholder that reads nothing from the request costs no parsing.
struct AnswerTemplate: Sendable {
    enum Escaping: Sendable { case json, xml, none }

    private enum Piece: Sendable {
        case text([UInt8])
        case number(width: Int, radix: Int)
        case uuid
        case now
        case unixTime
        case target
        case each
        /// The first text at a place of the request; in `each`, `index` and `value` speak of the item.
        case echo(AnswerPlace)
        case count(AnswerPlace)
        case raw(AnswerPlace)
        case index
        case value(AnswerPlace?)
    }

    private let pieces: [Piece]
    private let escaping: Escaping

    var isEmpty: Bool { pieces.isEmpty }

    init(_ text: String, escaping: Escaping) throws {
        self.escaping = escaping
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.range(of: "{{") {
            guard let close = rest[open.upperBound...].range(of: "}}") else { throw AnswerProblem("'{{' without '}}' in \(text)") }
            if open.lowerBound > rest.startIndex { pieces.append(.text(Array(rest[..<open.lowerBound].utf8))) }
            pieces.append(try Self.piece(String(rest[open.upperBound..<close.lowerBound]).trimmingCharacters(in: .whitespaces)))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { pieces.append(.text(Array(rest.utf8))) }
        self.pieces = pieces
    }

    private static func piece(_ text: String) throws -> Piece {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        let argument = words.count == 2 ? words[1] : nil
        switch (words[0], argument) {
        case ("number", nil): return .number(width: 0, radix: 10)
        case ("number", let width?): return .number(width: Int(width) ?? 0, radix: 10)
        case ("hex", let width?): return .number(width: Int(width) ?? 0, radix: 16)
        case ("uuid", nil): return .uuid
        case ("now", nil): return .now
        case ("unix", nil): return .unixTime
        case ("target", nil): return .target
        case ("each", nil): return .each
        case ("index", nil): return .index
        case ("value", let place): return .value(try place.map { try AnswerPlace("json \($0)") })
        case ("count", let place?): return .count(try AnswerPlace(place))
        case ("raw", let place?): return .raw(try AnswerPlace(place))
        case (_, _?): return .echo(try AnswerPlace(text))
        default: throw AnswerProblem("unknown placeholder {{\(text)}}")
        }
    }

    /// Appends the text to `out`.
    /// - Parameters:
    ///   - number: the running number of the request.
    ///   - item: the item of the list and its index, inside `each`.
    ///   - each: appends the repeated part.
    func append(
        to out: inout [UInt8], number: Int, request: AnswerRequest, item: (index: Int, value: AnswerValue)? = nil, each: (inout [UInt8]) -> Void = { _ in }
    ) {
        for piece in pieces {
            switch piece {
            case .text(let bytes): out += bytes
            case .number(let width, let radix): Self.append(number + (item?.index ?? 0), width, radix, &out)
            case .uuid:
                out += Array("00000000-0000-4000-8000-".utf8)
                Self.append(number << 16 | (item?.index ?? 0), 12, 16, &out)
            case .now: out += Array(Date().formatted(.iso8601).utf8)
            case .unixTime: Self.append(Int(Date().timeIntervalSince1970), 0, 10, &out)
            case .target: escape(request.target, &out)
            case .each: each(&out)
            case .echo(let place): escape(place.texts(request).first ?? "", &out)
            case .count(let place): Self.append(place.values(request).count, 0, 10, &out)
            case .raw(let place): out += (place.values(request).first ?? .absent).json
            case .index: Self.append(item?.index ?? 0, 0, 10, &out)
            case .value(nil): escape(item?.value.text ?? "", &out)
            case .value(let place?): escape(item.flatMap { place.values(in: $0.value).first?.text } ?? "", &out)
            }
        }
    }

    private static func append(_ number: Int, _ width: Int, _ radix: Int, _ out: inout [UInt8]) {
        let start = out.count
        var rest = number
        repeat {
            out.append(UInt8(ascii: rest % radix < 10 ? "0" : "W") + UInt8(rest % radix))
            rest /= radix
        } while rest > 0
        while out.count - start < width { out.append(UInt8(ascii: "0")) }
        out[start...].reverse()
    }

    private func escape(_ text: String, _ out: inout [UInt8]) {
        for byte in text.utf8 {
            switch (escaping, byte) {
            case (.json, UInt8(ascii: "\"")), (.json, UInt8(ascii: "\\")): out += [UInt8(ascii: "\\"), byte]
            case (.json, 0..<0x20): out += Array("\\u00".utf8) + [UInt8(ascii: "0") + byte >> 4] + Array("0123456789abcdef".utf8)[Int(byte & 15)...Int(byte & 15)]
            case (.xml, UInt8(ascii: "<")): out += Array("&lt;".utf8)
            case (.xml, UInt8(ascii: "&")): out += Array("&amp;".utf8)
            case (.none, 0..<0x20): out.append(UInt8(ascii: " "))
            default: out.append(byte)
            }
        }
    }
}
