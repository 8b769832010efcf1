extension JSONTape {
    /// The indices of all string values that stand outside of the given subtrees, in reading order: what is left to check when
    /// an adapter has named all that it knows (hardening.md 2.5, unknown members).
    /// - Parameter excluded: node indices in ascending order; each takes its whole subtree with it.
    /// - Complexity: O(nodes + excluded). Holds on to the tape's storage while it lives: let it go before the next scan.
    public func strings(outside excluded: [Int]) -> Strings {
        Strings(nodes: nodes, excluded: excluded)
    }

    public struct Strings: Sequence, IteratorProtocol {
        let nodes: [JSONNode]
        let excluded: [Int]
        var index = 0
        var skip = 0

        init(nodes: [JSONNode], excluded: [Int]) {
            self.nodes = nodes
            self.excluded = excluded
        }

        public mutating func next() -> Int? {
            while index < nodes.count {
                while skip < excluded.count && excluded[skip] < index { skip += 1 }
                if skip < excluded.count && excluded[skip] == index {
                    index = Int(nodes[index].end)
                    continue
                }
                defer { index += 1 }
                if nodes[index].kind == .string { return index }
            }
            return nil
        }
    }
}
