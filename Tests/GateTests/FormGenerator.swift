import Foundation

/// Made-up forms with numbered lists inside numbered lists, written in many ways.
struct FormGenerator {
    static let blocked: Set<String> = ["gone@example.com", "left@example.org"]
    private static let free = ["ann@example.com", "bob@example.com", "c+d@example.org", "e_f@example.net"]

    /// A field by what it means.
    enum Field: Equatable {
        case to(item: Int, member: Int, String)
        case cc(item: Int, member: Int, String)
        case data(item: Int, String)
        case other(String, String)
    }

    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % bound
    }

    private mutating func address() -> String {
        next(3) == 0 ? Array(Self.blocked).sorted()[next(2)] : Self.free[next(Self.free.count)]
    }

    /// Items with one recipient at least, numbered from 1; the fields in any order.
    mutating func form() -> [Field] {
        var fields: [Field] = []
        for item in 1...(1 + next(12)) {
            for member in 1...(1 + next(12)) { fields.append(.to(item: item, member: member, address())) }
            for member in 0..<next(3) { fields.append(.cc(item: item, member: member + 1, address())) }
            if next(2) == 0 { fields.append(.data(item: item, "gone@example.com & = \(next(100))")) }
        }
        for number in 0..<next(4) { fields.append(.other("x\(number)", "v \u{e9}+\(next(9))")) }
        for index in fields.indices.reversed() { fields.swapAt(index, next(index + 1)) }
        return fields
    }

    static func name(_ field: Field) -> String {
        switch field {
        case .to(let item, let member, _): "D.member.\(item).To.member.\(member)"
        case .cc(let item, let member, _): "D.member.\(item).Cc.member.\(member)"
        case .data(let item, _): "D.member.\(item).Data"
        case .other(let name, _): name
        }
    }

    static func value(_ field: Field) -> String {
        switch field {
        case .to(_, _, let value), .cc(_, _, let value), .data(_, let value), .other(_, let value): value
        }
    }

    /// What is left when the blocked have gone: items without anybody in `to` go whole, the numbers close up.
    static func stripped(_ fields: [Field]) -> [Field] {
        var to: [Int: [Int]] = [:], cc: [Int: [Int]] = [:]
        for field in fields {
            if case .to(let item, let member, let text) = field, !blocked.contains(text) { to[item, default: []].append(member) }
            if case .cc(let item, let member, let text) = field, !blocked.contains(text) { cc[item, default: []].append(member) }
        }
        let items = to.keys.sorted()
        func rank(_ all: [Int]?, _ one: Int) -> Int? { (all?.sorted().firstIndex(of: one)).map { $0 + 1 } }
        return fields.compactMap { field in
            switch field {
            case .to(let item, let member, let text):
                guard let new = rank(items, item), let place = rank(to[item], member) else { return nil }
                return .to(item: new, member: place, text)
            case .cc(let item, let member, let text):
                guard let new = rank(items, item), let place = rank(cc[item], member) else { return nil }
                return .cc(item: new, member: place, text)
            case .data(let item, let text): return rank(items, item).map { .data(item: $0, text) }
            case .other: return field
            }
        }
    }

    mutating func urlencoded(_ fields: [Field]) -> String {
        var text = ""
        for field in fields {
            if !text.isEmpty || next(20) == 0 { text += next(15) == 0 ? "&&" : "&" }
            text += encoded(Self.name(field)) + "=" + encoded(Self.value(field))
        }
        return text
    }

    private mutating func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = byte < 0x80 && (byte == 0x2e || byte == 0x40 || byte == 0x5f || Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
            if byte == 0x20, next(2) == 0 { return "+" }
            if isPlain, next(12) > 0 { return String(UnicodeScalar(byte)) }
            return String(format: next(2) == 0 ? "%%%02X" : "%%%02x", byte)
        }.joined()
    }

    /// Reads a form as simply as can be: an oracle.
    static func read(_ text: String) -> [(String, String)] {
        text.split(separator: "&").map { piece in
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? "?"
            }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }
}
