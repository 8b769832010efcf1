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
    }

    /// Whether it names one field and nothing else.
    var isPlain: Bool { parts.count == 1 && parts[0].hole == .none }
    var hasWildcard: Bool { parts.last?.hole == .any }

    /// The first word: what servers make a list or map of that read brackets or dots.
    var root: [UInt8] {
        let text = parts[0].text
        return Array(text.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") })
    }

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

    /// How far the pattern reaches in `name`; `nil` when it does not fit.
    private func matchedPrefix(_ name: Span<UInt8>, _ numbers: inout Numbers) -> Int? {
        var at = 0
        var hole = 0
        for index in parts.indices {
            let count = parts[index].text.count
            guard name.count - at >= count, ASCIIText.equal(name.extracting(at..<(at + count)), parts[index].text.span) else { return nil }
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
