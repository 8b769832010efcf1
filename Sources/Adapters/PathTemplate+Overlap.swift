extension PathTemplate {
    /// Whether a path exists that both match in some spelling.
    func overlaps(_ other: PathTemplate) -> Bool {
        let mine = segments, others = other.segments
        for index in 0..<max(mine.count, others.count) {
            guard index < mine.count, index < others.count else { return false }
            if mine[index] == .rest || others[index] == .rest { return true }
            let isLast = index == mine.count - 1 && index == others.count - 1
            guard Self.meet(mine[index], others[index], isLast) else { return false }
        }
        return true
    }

    /// Whether every path that `other` matches as written is one this template matches in some spelling.
    func covers(_ other: PathTemplate) -> Bool {
        let mine = segments, others = other.segments
        for index in 0..<max(mine.count, others.count) {
            guard index < mine.count, index < others.count else { return false }
            if mine[index] == .rest { return true }
            let isLast = index == mine.count - 1 && index == others.count - 1
            guard Self.contains(mine[index], others[index], isLast) else { return false }
        }
        return true
    }

    private static func meet(_ a: Segment, _ b: Segment, _ isLast: Bool) -> Bool {
        switch (a, b) {
        case (.choice(let words), let other), (let other, .choice(let words)): words.contains { meet(.literal($0), other, isLast) }
        case (.literal(let a), .literal(let b)): isSame(a, b, isLast)
        case (.literal(let word), .parameter(let suffix)), (.parameter(let suffix), .literal(let word)):
            // A path may have a format suffix behind the last word.
            hasSuffix(word, suffix) && word.count > suffix.count || isLast && suffix.first == UInt8(ascii: ".")
        case (.parameter(let a), .parameter(let b)): hasSuffix(a, b) || hasSuffix(b, a)
        default: true
        }
    }

    private static func contains(_ outer: Segment, _ inner: Segment, _ isLast: Bool) -> Bool {
        switch (outer, inner) {
        case (let outer, .choice(let words)): words.allSatisfy { contains(outer, .literal($0), isLast) }
        case (.choice(let words), let inner): words.contains { contains(.literal($0), inner, isLast) }
        case (.literal(let a), .literal(let b)): isSame(a, b, isLast)
        case (.parameter(let suffix), .literal(let word)): hasSuffix(word, suffix) && word.count > suffix.count
        case (.parameter(let outer), .parameter(let inner)): hasSuffix(inner, outer)
        default: false
        }
    }

    private static func isSame(_ a: [UInt8], _ b: [UInt8], _ isLast: Bool) -> Bool {
        isLast ? withoutFormat(a) == withoutFormat(b) : a == b
    }

    private static func hasSuffix(_ text: [UInt8], _ suffix: [UInt8]) -> Bool { text.suffix(suffix.count) == suffix[...] }

    private static func withoutFormat(_ word: [UInt8]) -> ArraySlice<UInt8> {
        guard let dot = word.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return word[...] }
        return word[..<dot]
    }
}
