import Bytes

/// Finds the adapter that serves a host name. Exact names by hash, names with holes one by one.
struct HostTable: Sendable {
    private struct Pattern: Sendable {
        /// `nil` is a hole: any one label.
        let labels: [[UInt8]?]
        let adapter: Int
    }

    /// How a name that fits a pattern ends: its last bytes, at most eight, behind the last hole. Looked at first, because no
    /// name fits most patterns, and many patterns end alike.
    private struct Tail: Sendable, Equatable {
        let word: UInt64
        let mask: UInt64
    }

    private var names = NameIndex()
    private var patterns: [Pattern] = []
    /// Each once.
    private var tails: [Tail] = []
    /// By pattern: its tail.
    private var tailOfPattern: [Int] = []
    /// Whether some name has but one label.
    private(set) var hasShortNames = false

    /// - Returns: the adapter that has the name already, if another one does.
    mutating func insert(_ host: String, adapter: Int) -> Int? {
        let name = RouteBytes.lower(host.utf8)
        if !name.contains(UInt8(ascii: ".")) { hasShortNames = true }
        if name.contains(UInt8(ascii: "{")) {
            let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .map { $0.first == UInt8(ascii: "{") ? nil : Array($0) }
            if let same = patterns.first(where: { $0.labels == labels }) { return same.adapter == adapter ? nil : same.adapter }
            patterns.append(Pattern(labels: labels, adapter: adapter))
            let end = Array(name.reversed().prefix { $0 != UInt8(ascii: "}") }.prefix(8).reversed())
            let mask: UInt64 = end.isEmpty ? 0 : .max << UInt64(64 - 8 * end.count)
            let tail = Tail(word: Self.tail(end.span), mask: mask)
            tailOfPattern.append(tails.firstIndex(of: tail) ?? tails.count)
            if !tails.contains(tail) { tails.append(tail) }
            return nil
        }
        if let owner = names.find(name.span) { return owner == adapter ? nil : owner }
        names.insert(name, number: adapter)
        return nil
    }

    /// - Parameter host: in lower case, without port and trailing dot.
    /// - Complexity: one probe, then the end of the name against each pattern's. No allocation.
    func find(_ host: Span<UInt8>) -> Int? {
        if let adapter = names.find(host) { return adapter }
        let end = Self.tail(host), tails = tails.span
        for index in tails.indices where (end ^ tails[index].word) & tails[index].mask == 0 { return findPattern(host, end) }
        return nil
    }

    /// In the order in which they were inserted.
    @inline(never)
    private func findPattern(_ host: Span<UInt8>, _ end: UInt64) -> Int? {
        for index in patterns.indices {
            let tail = tails[tailOfPattern[index]]
            guard (end ^ tail.word) & tail.mask == 0, Self.matches(host, patterns[index].labels) else { continue }
            return patterns[index].adapter
        }
        return nil
    }

    /// The last eight bytes, the last of them in the highest bits; zero below the first of a shorter name.
    private static func tail(_ name: Span<UInt8>) -> UInt64 {
        if name.count >= 8 { return name.word(at: name.count &- 8) }
        return name.isEmpty ? 0 : name.word(at: 0, length: name.count) << UInt64(64 - 8 * name.count)
    }

    private static func matches(_ host: Span<UInt8>, _ labels: [[UInt8]?]) -> Bool {
        var start = 0
        for index in labels.indices {
            guard start <= host.count else { return false }
            var stop = start
            while stop < host.count, host[stop] != UInt8(ascii: ".") { stop += 1 }
            let label = host.extracting(start..<stop)
            if let word = labels[index] {
                guard RouteBytes.equal(label, word) else { return false }
            } else {
                guard !label.isEmpty, isLabel(label) else { return false }
            }
            start = stop + 1
        }
        return start == host.count + 1
    }

    private static func isLabel(_ label: Span<UInt8>) -> Bool {
        for index in 0..<label.count where !RouteBytes.isAlphanumeric(label[index]) && label[index] != UInt8(ascii: "-") { return false }
        return true
    }
}
