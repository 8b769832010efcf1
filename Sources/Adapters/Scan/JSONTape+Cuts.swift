public import Bytes

extension JSONTape {
    /// Appends the byte ranges whose removal takes `cuts` out of the body and leaves valid JSON with every other byte as it
    /// was. A comma goes with the element; blanks beside a kept neighbour stay.
    /// - Parameters:
    ///   - cuts: node indices in ascending order, members (their keys go too) or items, not the whole body. One that stands
    ///     inside another cut is covered by it. All elements of a container may be cut: `[]` or `{}` stays.
    ///   - ranges: gets ascending ranges that do not overlap.
    /// - Complexity: O(cuts + blanks around them).
    public func appendCuts(_ cuts: [Int], in body: Span<UInt8>, to ranges: inout [ByteRange]) {
        var i = 0
        while i < cuts.count {
            let first = cuts[i]
            precondition(first > 0, "the whole body cannot be cut out of itself")
            let parent = nodes[first].parent
            let containerEnd = Int(nodes[Int(parent)].end)
            // A run: siblings that follow one another and are all cut.
            var last = first
            var next = Int(nodes[first].end)
            i += 1
            while i < cuts.count {
                precondition(cuts[i] > cuts[i - 1], "cuts must ascend")
                if cuts[i] < next { i += 1; continue }
                guard cuts[i] == next && next < containerEnd else { break }
                last = next
                next = Int(nodes[last].end)
                i += 1
            }
            var lower = nodes[first].start
            var upper = Int(nodes[last].value.upper)
            if first != Int(parent) + 1 {
                // A kept neighbour stands before the run: its comma goes, and all between its end and the run.
                lower = Self.skipBlanksBackward(body, lower)
                lower = Self.skipBlanksBackward(body, lower - 1)
            } else if next < containerEnd {
                upper = nodes[next].start
            }
            ranges.append(ByteRange(lower..<upper))
        }
    }

    /// The least offset from which only blanks lead up to `offset`.
    private static func skipBlanksBackward(_ body: Span<UInt8>, _ offset: Int) -> Int {
        var offset = offset
        while offset > 0, JSONBytes.isBlank(body[offset - 1]) { offset -= 1 }
        return offset
    }
}
