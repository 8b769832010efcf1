/// A path to one value of the JSON document a provider answered with: `messages[0].message-id`, `[0].id`.
///
/// For evidence only: an answer that is not JSON, or breaks off, simply yields nothing, and nothing is decided by what is found.
public struct AnswerPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member([UInt8])
        case item(Int)
    }

    let steps: [Step]

    /// - Parameters:
    ///   - text: members with dots between them, indexes in brackets.
    ///   - path: where the text stands in the adapter's file, for errors.
    init(_ text: String, path: String) throws(AdapterProblem) {
        var steps: [Step] = []
        for (index, part) in text.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            guard let name = pieces.first, !name.isEmpty || index == 0 && pieces.count > 1 else { throw Self.problem(text, path) }
            if !name.isEmpty { steps.append(.member(Array(name.utf8))) }
            for piece in pieces.dropFirst() {
                guard piece.hasSuffix("]"), let number = Int(piece.dropLast()), (0...9999).contains(number) else { throw Self.problem(text, path) }
                steps.append(.item(number))
            }
        }
        self.steps = steps
    }

    private static func problem(_ text: String, _ path: String) -> AdapterProblem {
        AdapterProblem(path, "'\(text)' is not a path such as messages[0].message-id")
    }

    /// Finds the value in `json`, which may break off behind it.
    /// - Returns: the bytes of a string without escapes, quotes left out, or of a number; `nil` for anything else.
    /// - Complexity: one pass at most, no allocation.
    public func find(in json: Span<UInt8>) -> Range<Int>? {
        var at = Self.skipBlanks(json, 0)
        for step in steps {
            let next: Int?
            switch step {
            case .member(let name): next = Self.member(name.span, in: json, at: at)
            case .item(let number): next = Self.item(number, in: json, at: at)
            }
            guard let next else { return nil }
            at = next
        }
        return Self.scalar(json, at)
    }

    /// Where the value of the member `name` of the object at `start` begins.
    private static func member(_ name: Span<UInt8>, in json: Span<UInt8>, at start: Int) -> Int? {
        guard start < json.count, json[start] == UInt8(ascii: "{") else { return nil }
        var at = skipBlanks(json, start + 1)
        while at < json.count, json[at] == UInt8(ascii: "\"") {
            guard let close = stringEnd(json, at + 1) else { return nil }
            let key = json.extracting(at + 1..<close)
            at = skipBlanks(json, close + 1)
            guard at < json.count, json[at] == UInt8(ascii: ":") else { return nil }
            at = skipBlanks(json, at + 1)
            if equal(key, name) { return at }
            guard let next = behind(json, at) else { return nil }
            at = next
        }
        return nil
    }

    private static func item(_ number: Int, in json: Span<UInt8>, at start: Int) -> Int? {
        guard start < json.count, json[start] == UInt8(ascii: "[") else { return nil }
        var at = skipBlanks(json, start + 1)
        for _ in 0..<number {
            guard let next = behind(json, at) else { return nil }
            at = next
        }
        return at < json.count && json[at] != UInt8(ascii: "]") ? at : nil
    }

    /// Where the value behind the one at `start`, and behind the comma between them, begins.
    private static func behind(_ json: Span<UInt8>, _ start: Int) -> Int? {
        var depth = 0
        var at = start
        while at < json.count {
            switch json[at] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return nil }
            case UInt8(ascii: "\""):
                guard let close = stringEnd(json, at + 1) else { return nil }
                at = close
            case UInt8(ascii: ","): if depth == 0 { return skipBlanks(json, at + 1) }
            default: break
            }
            at += 1
        }
        return nil
    }

    private static func scalar(_ json: Span<UInt8>, _ start: Int) -> Range<Int>? {
        guard start < json.count else { return nil }
        if json[start] == UInt8(ascii: "\"") {
            var at = start + 1
            while at < json.count {
                switch json[at] {
                case UInt8(ascii: "\""): return start + 1..<at
                case UInt8(ascii: "\\"), 0..<0x20: return nil
                default: at += 1
                }
            }
            return nil
        }
        var at = start
        while at < json.count, json[at].isASCIIAlphanumericOrSign { at += 1 }
        // A number that may go on behind the end is no number yet.
        guard at > start, at < json.count, json[start] == UInt8(ascii: "-") || (0x30...0x39).contains(json[start]) else { return nil }
        return start..<at
    }

    /// Where the string that begins at `start` has its closing quote.
    private static func stringEnd(_ json: Span<UInt8>, _ start: Int) -> Int? {
        var at = start
        while at < json.count {
            if json[at] == UInt8(ascii: "\"") { return at }
            at += json[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    private static func skipBlanks(_ json: Span<UInt8>, _ start: Int) -> Int {
        var at = start
        while at < json.count, json[at] == 0x20 || json[at] == 0x09 || json[at] == 0x0a || json[at] == 0x0d { at += 1 }
        return at
    }

    private static func equal(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        for index in a.indices where a[index] != b[index] { return false }
        return true
    }
}

extension UInt8 {
    fileprivate var isASCIIAlphanumericOrSign: Bool {
        switch self {
        case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: false
        }
    }
}
