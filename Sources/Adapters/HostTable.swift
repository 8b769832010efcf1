import Bytes

/// Finds the adapter that serves a host name. Exact names by hash, names with holes one by one.
struct HostTable: Sendable {
    private struct Exact: Sendable {
        let hash: UInt64
        let name: [UInt8]
        let adapter: Int
    }

    private struct Pattern: Sendable {
        /// `nil` is a hole: any one label.
        let labels: [[UInt8]?]
        let adapter: Int
    }

    /// Open addressing; a power of two, at most half full.
    private var slots: [Exact?] = Array(repeating: nil, count: 16)
    private var count = 0
    private var patterns: [Pattern] = []

    /// - Returns: the adapter that has the name already, if another one does.
    mutating func insert(_ host: String, adapter: Int) -> Int? {
        let name = RouteBytes.lower(host.utf8)
        if name.contains(UInt8(ascii: "{")) {
            let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .map { $0.first == UInt8(ascii: "{") ? nil : Array($0) }
            if let same = patterns.first(where: { $0.labels == labels }) { return same.adapter == adapter ? nil : same.adapter }
            patterns.append(Pattern(labels: labels, adapter: adapter))
            return nil
        }
        if let owner = exact(name.span) { return owner == adapter ? nil : owner }
        if (count + 1) * 2 > slots.count { grow() }
        place(Exact(hash: Self.hash(name.span), name: name, adapter: adapter))
        count += 1
        return nil
    }

    /// - Parameter host: in lower case, without port and trailing dot.
    /// - Complexity: one probe, then one comparison for each pattern. No allocation.
    func find(_ host: Span<UInt8>) -> Int? {
        if let adapter = exact(host) { return adapter }
        for index in patterns.indices where Self.matches(host, patterns[index].labels) { return patterns[index].adapter }
        return nil
    }

    private func exact(_ host: Span<UInt8>) -> Int? {
        let hash = Self.hash(host)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while let entry = slots[slot] {
            if entry.hash == hash, RouteBytes.equal(host, entry.name) { return entry.adapter }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func place(_ entry: Exact) {
        var slot = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
        while slots[slot] != nil { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = entry
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: nil, count: old.count * 2)
        for case let entry? in old { place(entry) }
    }

    /// The table holds names the operator wrote, so nobody can aim collisions at it: a multiplication for each eight bytes.
    private static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        if bytes.count >= 8 {
            while true {
                hash = (hash ^ bytes.word(at: index)) &* 0x9e37_79b9_7f4a_7c15
                hash ^= hash >> 32
                if index == bytes.count &- 8 { return hash }
                // The last word overlaps the one before.
                index = min(index &+ 8, bytes.count &- 8)
            }
        }
        while index < bytes.count {
            hash = (hash ^ UInt64(bytes[index])) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
            index &+= 1
        }
        return hash
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
