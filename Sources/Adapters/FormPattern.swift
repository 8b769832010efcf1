import Bytes

/// The name of a form field with holes, as adapters write it: `Destination.ToAddresses.member.[#]`, `recipients[#][email]`,
/// `v:{*}`.
///
/// `[#]` is a decimal number: bare behind a dot (`member.3`), in brackets elsewhere (`recipients[3]`). `{*}` at the end is any
/// text.
public struct FormPattern: Sendable, Hashable {
    /// A stretch of the name that stands as it is, and what follows it.
    struct Part: Sendable, Hashable {
        enum Hole: Sendable, Hashable { case none, number, any }
        let text: [UInt8]
        let hole: Hole
    }

    let parts: [Part]
    /// The words between dots and brackets, in lower case; `nil` for a number, an empty pair of brackets or any text.
    private let words: [[UInt8]?]
    /// How many numbers it has.
    public let numbers: Int

    /// More than two numbers name no list of recipients that any provider has.
    static let numberLimit = 2

    /// - Parameter path: where it stands in the adapter's file, for errors.
    init(_ place: String, path: String) throws(AdapterProblem) {
        let bytes = Array(place.utf8)
        var parts: [Part] = []
        var text: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at...].starts(with: "[#]".utf8) {
                guard !text.isEmpty else { throw AdapterProblem(path, "'\(place)' must begin with a name") }
                if text.last == UInt8(ascii: ".") {
                    parts.append(Part(text: text, hole: .number))
                    text = []
                } else {
                    parts.append(Part(text: text + [UInt8(ascii: "[")], hole: .number))
                    text = [UInt8(ascii: "]")]
                }
                at += 3
            } else if bytes[at...].starts(with: "{*}".utf8) {
                guard at + 3 == bytes.count, !text.isEmpty else { throw AdapterProblem(path, "{*} stands for the rest of a name: '\(place)' goes on") }
                parts.append(Part(text: text, hole: .any))
                text = []
                at += 3
            } else {
                text.append(bytes[at])
                at += 1
            }
        }
        if !text.isEmpty || parts.isEmpty { parts.append(Part(text: text, hole: .none)) }
        for byte in parts.flatMap(\.text) where !RouteBytes.isUnreserved(byte) && byte != UInt8(ascii: "[") && byte != UInt8(ascii: "]") && byte != UInt8(ascii: ":") {
            throw AdapterProblem(path, "'\(place)' is not a field's name: letters, digits, '-', '.', '_', '~', ':' and brackets, [#] for a number")
        }
        numbers = parts.filter { $0.hole == .number }.count
        guard numbers <= Self.numberLimit else { throw AdapterProblem(path, "'\(place)' has more than \(Self.numberLimit) numbers") }
        guard !parts[0].text.isEmpty, RouteBytes.isAlphanumeric(parts[0].text[0]) || parts[0].text[0] == UInt8(ascii: "_") else {
            throw AdapterProblem(path, "'\(place)' must begin with a letter or a digit")
        }
        self.parts = parts
        words = Self.words(of: parts)
    }

    private static func words(of parts: [Part]) -> [[UInt8]?] {
        var name: [UInt8] = []
        for part in parts {
            name += part.text
            // No name has one: it stands for whatever fills the hole.
            if part.hole != .none { name.append(0) }
        }
        var words: [[UInt8]?] = []
        var at = 0
        while let word = nextWord(name.span, &at) {
            words.append(word.isEmpty || name[word.lowerBound] == 0 ? nil : RouteBytes.lower(name[word]))
        }
        return words
    }

    /// The next word of a name, without blanks around it; `nil` at the end.
    private static func nextWord(_ name: Span<UInt8>, _ at: inout Int) -> Range<Int>? {
        if at == 0 {
            while at < name.count, name[at] == 0x20 || name[at] == UInt8(ascii: "[") { at += 1 }
        } else {
            // Behind a word: a bracket that closes, then one that opens, or a dot.
            if at < name.count, name[at] == UInt8(ascii: "]") { at += 1 }
            guard at < name.count else { return nil }
            if name[at] == UInt8(ascii: "[") || name[at] == UInt8(ascii: ".") { at += 1 }
        }
        let start = at
        while at < name.count, name[at] != UInt8(ascii: "["), name[at] != UInt8(ascii: "]"), name[at] != UInt8(ascii: ".") { at += 1 }
        // An empty name has one empty word.
        if at == 0 { at = 1 }
        return ASCIIText.trimmingBlanks(name, start..<min(at, name.count))
    }

    /// Whether a server that makes maps and lists of dots and brackets may find here what the pattern names, or find there
    /// what this name names: `to[x]` or `To.x` for `to`, `Destination[ToAddresses]` for `Destination.ToAddresses.member.[#]`.
    /// - Parameter name: the decoded name, folded where it is not ASCII.
    /// - Complexity: O(name). No allocation.
    func isAlike(_ name: Span<UInt8>) -> Bool {
        var at = 0
        var index = 0
        while index < words.count, let word = Self.nextWord(name, &at) {
            if let wanted = words[index], !Self.isSame(name.extracting(word), wanted) { return false }
            index += 1
        }
        return true
    }

    /// Whether the name is one of these once `.`, `[`, `]`, `_` and blanks are one and the same, as they are to PHP:
    /// `Destination_ToAddresses_member_1` for `Destination.ToAddresses.member.1`.
    /// - Parameter name: the decoded name, folded where it is not ASCII.
    /// - Complexity: O(name). No allocation.
    func isMangled(_ name: Span<UInt8>) -> Bool {
        let range = ASCIIText.trimmingBlanks(name, name.indices)
        var at = range.lowerBound
        for index in parts.indices {
            let text = parts[index].text
            guard range.upperBound - at >= text.count else { return false }
            for offset in text.indices {
                let byte = name[at + offset].asciiLowercased
                guard byte == text[offset].asciiLowercased || Self.isSeparator(byte) && Self.isSeparator(text[offset]) else { return false }
            }
            at += text.count
            guard parts[index].hole != .none else { continue }
            while at < range.upperBound, !Self.isSeparator(name[at]) { at += 1 }
        }
        return at == range.upperBound || Self.isSeparator(name[at]) && name[at] != UInt8(ascii: "_")
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "_") || byte == 0x20
    }

    /// Case does not count, and neither do the characters that PHP writes as `_`.
    private static func isSame(_ word: Span<UInt8>, _ wanted: [UInt8]) -> Bool {
        guard word.count == wanted.count else { return false }
        for index in wanted.indices where word[index].asciiLowercased != wanted[index] {
            guard wanted[index] == UInt8(ascii: "_"), word[index] == UInt8(ascii: " ") else { return false }
        }
        return true
    }

    /// Whether it names one field and nothing else.
    var isPlain: Bool { parts.count == 1 && parts[0].hole == .none }
    var hasWildcard: Bool { parts.last?.hole == .any }

    /// The numbers in the holes of a name, the outermost first.
    public struct Numbers: Sendable, Hashable {
        public var first: UInt32 = 0
        public var second: UInt32 = 0

        public init() {}

        /// The outermost `count` of them.
        public func prefix(_ count: Int) -> Numbers {
            var numbers = Numbers()
            if count > 0 { numbers.first = first }
            if count > 1 { numbers.second = second }
            return numbers
        }
    }

    /// Whether the decoded name is one of these.
    /// - Parameter numbers: gets what stands in the holes.
    public func matches(_ name: Span<UInt8>, _ numbers: inout Numbers) -> Bool {
        guard let end = matchedPrefix(name, &numbers) else { return false }
        return end == name.count
    }

    /// Whether the name is one of these, or stands below one: `recipients[2][name]` below `recipients[#]`.
    public func holds(_ name: Span<UInt8>, _ numbers: inout Numbers) -> Bool {
        guard let end = matchedPrefix(name, &numbers) else { return false }
        return end == name.count || name[end] == UInt8(ascii: ".") || name[end] == UInt8(ascii: "[")
    }

    /// Whether `other` names fields below those that this one names.
    func isAbove(_ other: FormPattern) -> Bool {
        guard other.parts.count >= parts.count else { return false }
        for index in parts.indices {
            let mine = parts[index], theirs = other.parts[index]
            if mine == theirs { continue }
            guard index == parts.count - 1, mine.hole == .none, theirs.text.starts(with: mine.text), theirs.text.count > mine.text.count else { return false }
            let next = theirs.text[mine.text.count]
            return next == UInt8(ascii: "[") || next == UInt8(ascii: ".")
        }
        return other.parts.count > parts.count
    }

    /// How far the pattern reaches in `name`; `nil` when it does not fit.
    private func matchedPrefix(_ name: Span<UInt8>, _ numbers: inout Numbers) -> Int? {
        var at = 0
        var hole = 0
        for index in parts.indices {
            let count = parts[index].text.count
            guard name.count - at >= count, RouteBytes.equal(name.extracting(at..<(at + count)), parts[index].text) else { return nil }
            at += count
            switch parts[index].hole {
            case .none: break
            case .any:
                guard at < name.count else { return nil }
                return name.count
            case .number:
                guard let number = Self.number(name, &at) else { return nil }
                if hole == 0 { numbers.first = number } else { numbers.second = number }
                hole += 1
            }
        }
        return at
    }

    /// Where the digits of each number stand in a decoded name that ``holds(_:_:)``.
    public func digits(_ name: Span<UInt8>) -> [Range<Int>] {
        var at = 0
        var ranges: [Range<Int>] = []
        for part in parts {
            at += part.text.count
            guard part.hole == .number else { continue }
            let start = at
            guard Self.number(name, &at) != nil else { return ranges }
            ranges.append(start..<at)
        }
        return ranges
    }

    /// Nine digits at most, none of them a leading zero: servers agree on nothing else.
    private static func number(_ name: Span<UInt8>, _ at: inout Int) -> UInt32? {
        let start = at
        var value: UInt32 = 0
        while at < name.count, name[at] >= UInt8(ascii: "0"), name[at] <= UInt8(ascii: "9") {
            guard at - start < 9 else { return nil }
            value = value * 10 + UInt32(name[at] - UInt8(ascii: "0"))
            at += 1
        }
        guard at > start, at - start == 1 || name[start] != UInt8(ascii: "0") else { return nil }
        return value
    }
}
