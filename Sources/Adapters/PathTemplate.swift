import Bytes

/// A path with holes: `/2010-04-01/Accounts/{AccountSid}/Messages.json`. `{send|send-template}` is one of several words.
struct PathTemplate: Sendable {
    enum Segment: Equatable {
        /// In lower case.
        case literal([UInt8])
        /// Any one segment that ends in the suffix, in lower case.
        case parameter(suffix: [UInt8])
        /// One of several words, in lower case.
        case choice([[UInt8]])
        /// Everything that is left; only at the end.
        case rest
    }

    /// A segment whose word or suffix stands in ``text``. Holds no reference, so that matching counts none.
    private struct Piece: Sendable {
        enum Kind: Sendable { case literal, parameter, choice, rest }
        let kind: Kind
        let start: Int
        let count: Int
        /// The first byte of a literal, 0 elsewhere.
        let first: UInt8
    }

    private let pieces: [Piece]
    private let text: [UInt8]
    /// Whether the provider documents the path with a slash behind it.
    private let endsInSlash: Bool
    /// The names of its holes, each with the segment it stands for.
    private let parameters: [(name: String, segment: Int)]

    /// - Parameter ignoringFormat: drops a format suffix such as `.json` from the last literal, for matching with
    ///   ``matchesLoosely(_:)``.
    init(_ text: String, ignoringFormat: Bool, path: String) throws(AdapterProblem) {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "?") }) else {
            throw AdapterProblem(path, "must be a path such as /v1/{account}/messages")
        }
        var segments: [Segment] = []
        endsInSlash = bytes.count > 1 && bytes.last == UInt8(ascii: "/")
        let written = endsInSlash ? bytes.dropFirst().dropLast() : bytes.dropFirst()
        var parameters: [(name: String, segment: Int)] = []
        // The root has no segment.
        for part in bytes.count == 1 ? [] : written.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if segments.last == .rest { throw AdapterProblem(path, "** must be the last segment") }
            if Array(part) == Array("**".utf8) {
                segments.append(.rest)
            } else if let words = Self.words(part) {
                guard words.allSatisfy({ !$0.isEmpty && $0.allSatisfy(RouteBytes.isUnreserved) }) else {
                    throw AdapterProblem(path, "between braces stand a name, or words with | between them")
                }
                segments.append(.choice(words))
            } else if part.first == UInt8(ascii: "{") {
                guard let close = part.firstIndex(of: UInt8(ascii: "}")) else {
                    throw AdapterProblem(path, "'{' without '}'")
                }
                let name = String(decoding: part[(part.startIndex + 1)..<close], as: UTF8.self)
                parameters.append((name, segments.count))
                segments.append(.parameter(suffix: RouteBytes.lower(part[(close + 1)...])))
            } else if part.isEmpty || part.contains(UInt8(ascii: "{")) || part.contains(UInt8(ascii: "*")) {
                throw AdapterProblem(path, "a segment is a word, {name}, {name}.suffix, or ** at the end")
            } else {
                segments.append(.literal(RouteBytes.lower(part)))
            }
        }
        if ignoringFormat, case .literal(let last)? = segments.last, let dot = last.lastIndex(of: UInt8(ascii: ".")), dot > 0 {
            segments[segments.count - 1] = .literal(Array(last[..<dot]))
        }
        if ignoringFormat, case .choice(let words)? = segments.last {
            segments[segments.count - 1] = .choice(
                words.map { word in
                    guard let dot = word.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return word }
                    return Array(word[..<dot])
                })
        }
        var pieces: [Piece] = []
        var text: [UInt8] = []
        for segment in segments {
            switch segment {
            case .literal(let word):
                pieces.append(Piece(kind: .literal, start: text.count, count: word.count, first: word.first ?? 0))
                text += word
            case .parameter(let suffix):
                pieces.append(Piece(kind: .parameter, start: text.count, count: suffix.count, first: 0))
                text += suffix
            case .choice(let words):
                let joined = Array(words.joined(separator: [Self.bar]))
                pieces.append(Piece(kind: .choice, start: text.count, count: joined.count, first: 0))
                text += joined
            case .rest: pieces.append(Piece(kind: .rest, start: text.count, count: 0, first: 0))
            }
        }
        self.pieces = pieces
        self.text = text
        self.parameters = parameters
    }

    /// The template segment by segment, for comparing templates.
    var segments: [Segment] {
        pieces.map { piece in
            let word = Array(text[piece.start..<(piece.start + piece.count)])
            switch piece.kind {
            case .literal: return .literal(word)
            case .parameter: return .parameter(suffix: word)
            case .choice: return .choice(word.split(separator: Self.bar).map { Array($0) })
            case .rest: return .rest
            }
        }
    }

    /// The segment, counted from 0, that the hole `{name}` stands for; `nil` when there is none or several are called so.
    func segment(of name: String) -> Int? {
        let found = parameters.filter { $0.name == name }
        return found.count == 1 ? found[0].segment : nil
    }

    /// The names of its holes.
    var parameterNames: [String] { parameters.map(\.name) }

    /// Where what the hole of `segment` holds stands in `path`, which the template matches: the segment less its suffix. Empty
    /// when the path has no such segment.
    func range(of segment: Int, in path: Span<UInt8>) -> Range<Int> {
        var start = 1
        for _ in 0..<segment where start <= path.count { start = RouteBytes.firstSlash(path, start, path.count) + 1 }
        guard start <= path.count else { return 0..<0 }
        let stop = RouteBytes.firstSlash(path, start, path.count)
        return start..<max(start, stop - pieces[segment].count)
    }

    /// Parts the words of a choice, here and in ``text``; no path has one unescaped.
    private static let bar = UInt8(ascii: "|")

    /// The words of `{send|send-template}.json`, each with what follows the brace; `nil` when the segment is no such choice.
    private static func words(_ part: ArraySlice<UInt8>) -> [[UInt8]]? {
        guard part.first == UInt8(ascii: "{"), part.contains(bar), let close = part.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        return part[(part.startIndex + 1)..<close].split(separator: bar, omittingEmptySubsequences: false)
            .map { RouteBytes.lower($0 + part[(close + 1)...]) }
    }

    /// Whether `path` is this one in any spelling a server might accept: any case, a trailing slash, any format suffix.
    func matchesLoosely(_ path: Span<UInt8>) -> Bool { matches(path, loosely: true) }

    /// Whether `path` is this one as the provider documents it. Only case is ignored.
    func matchesExactly(_ path: Span<UInt8>) -> Bool { matches(path, loosely: false) }

    private func matches(_ path: Span<UInt8>, loosely: Bool) -> Bool {
        var end = path.count
        if pieces.isEmpty { return end == 1 }
        // Most paths are another one from their first byte on.
        let first = pieces[0].first
        if first != 0, end > 1, path[1].asciiLowercased != first, path[1] != UInt8(ascii: "%") { return false }
        if loosely || endsInSlash {
            let hasSlash = end > 1 && path[end - 1] == UInt8(ascii: "/")
            guard hasSlash || loosely else { return false }
            if hasSlash { end -= 1 }
        }
        let text = text.span
        var start = 1
        for index in pieces.indices {
            guard start <= end else { return false }
            let piece = pieces[index]
            let word = text.extracting(piece.start..<(piece.start + piece.count))
            let stop: Int
            switch piece.kind {
            case .rest: return start < end
            case .literal:
                let plain = Self.literalEnd(path, start, end, word)
                if plain == end || plain < end && path[plain] == UInt8(ascii: "/") {
                    stop = plain
                } else if plain < end, loosely, index == pieces.count - 1, path[plain] == UInt8(ascii: ".") {
                    stop = RouteBytes.firstSlash(path, plain, end)
                    guard Self.isFormat(path, plain..<stop) else { return false }
                } else {
                    guard start < end, RouteBytes.lower(path[start]) == piece.first || path[start] == UInt8(ascii: "%") else { return false }
                    stop = RouteBytes.firstSlash(path, start, end)
                    let matched = Self.consume(path, start..<stop, word)
                    let isLast = index == pieces.count - 1
                    guard matched == stop || (loosely && isLast && Self.isFormat(path, matched..<stop)) else { return false }
                }
            case .parameter:
                stop = RouteBytes.firstSlash(path, start, end)
                guard Self.isParameter(path, start..<stop, word, loosely) else { return false }
            case .choice:
                stop = RouteBytes.firstSlash(path, start, end)
                guard Self.isChoice(path, start..<stop, word, withFormat: loosely && index == pieces.count - 1) else { return false }
            }
            start = stop + 1
        }
        return start == end + 1
    }

    /// The place behind `word`, which stands at `start` without an escape; behind `end` where it does not.
    @inline(__always)
    private static func literalEnd(_ path: Span<UInt8>, _ start: Int, _ end: Int, _ word: Span<UInt8>) -> Int {
        let stop = start &+ word.count
        return stop <= end && ASCIIText.caselessEqual(path.extracting(start..<stop), word) ? stop : Int.max
    }

    /// How far `word` reaches in `path`, with case ignored and escapes decoded; a place before the range when it is not there.
    private static func consume(_ path: Span<UInt8>, _ range: Range<Int>, _ word: Span<UInt8>) -> Int {
        var at = range.lowerBound
        for index in word.indices {
            guard at < range.upperBound else { return -1 }
            var byte = path[at]
            var width = 1
            if byte == UInt8(ascii: "%"), at + 2 < range.upperBound, let high = RouteBytes.hexValue(path[at + 1]),
                let low = RouteBytes.hexValue(path[at + 2])
            {
                byte = high << 4 | low
                width = 3
            }
            guard RouteBytes.lower(byte) == word[index] else { return -1 }
            at += width
        }
        return at
    }

    /// Whether the segment is one of `words`, in any case and however escaped.
    /// - Parameter words: the words of the choice, parted by bars.
    private static func isChoice(_ path: Span<UInt8>, _ range: Range<Int>, _ words: Span<UInt8>, withFormat: Bool) -> Bool {
        var from = 0
        while from < words.count {
            var to = from
            while to < words.count, words[to] != bar { to += 1 }
            let matched = consume(path, range, words.extracting(from..<to))
            if matched == range.upperBound || withFormat && matched > range.lowerBound && isFormat(path, matched..<range.upperBound) {
                return true
            }
            from = to + 1
        }
        return false
    }

    /// `.json`, `.xml`: a dot and nothing but letters and digits.
    private static func isFormat(_ path: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.lowerBound >= 0, !range.isEmpty, path[range.lowerBound] == UInt8(ascii: ".") else { return false }
        for index in range.dropFirst() where !RouteBytes.isAlphanumeric(path[index]) { return false }
        return true
    }

    /// Where a send is looked for, any segment at all. Where a request may pass unread, one that begins with a letter, a
    /// digit or `_`: `.json` alone names no object, and a server that trims `%20` or `+` would see the path without it.
    private static func isParameter(_ path: Span<UInt8>, _ range: Range<Int>, _ suffix: Span<UInt8>, _ loosely: Bool) -> Bool {
        guard range.count > suffix.count else { return false }
        let first = path[range.lowerBound]
        guard loosely || RouteBytes.isAlphanumeric(first) || first == UInt8(ascii: "_") else { return false }
        return ASCIIText.caselessEqual(path.extracting((range.upperBound - suffix.count)..<range.upperBound), suffix)
    }
}
