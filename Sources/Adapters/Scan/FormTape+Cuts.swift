public import Bytes

extension FormTape {
    /// Appends the byte ranges whose removal takes the fields `cuts` out of the body and leaves every other byte as it was. One
    /// `&` goes with each field, so that no empty piece appears.
    /// - Parameters:
    ///   - cuts: field indices in ascending order; all fields may be cut.
    ///   - ranges: gets ascending ranges that do not overlap.
    /// - Complexity: O(cuts).
    public func appendCuts(_ cuts: [Int], in body: Span<UInt8>, to ranges: inout [ByteRange]) {
        var floor = 0
        var previous = -1
        for cut in cuts {
            precondition(cut > previous, "cuts must ascend")
            previous = cut
            var lower = fields[cut].range.lowerBound
            var upper = fields[cut].range.upperBound
            if lower > floor {
                lower -= 1
            } else if upper < body.count {
                upper += 1
            }
            ranges.append(ByteRange(lower..<upper))
            floor = upper
        }
    }
}
