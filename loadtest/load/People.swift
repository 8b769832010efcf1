/// Numbers and addresses by index, without end: those nobody suppressed, and those that `stopgate-load suppressions` writes.
enum People {
    /// Area codes with eight million numbers each; the first belongs to people who may be contacted.
    private static let areaCodes = [212, 646, 917, 347, 718, 415, 628, 213, 310, 312, 773, 617, 857, 202, 305, 786, 404, 678, 206, 214]
    private static let perArea = 7_999_999

    static func phone(_ index: Int, isSuppressed: Bool) -> String {
        let area = isSuppressed ? areaCodes[1 + index / perArea % (areaCodes.count - 1)] : areaCodes[0]
        return "+1\(area)\(2_000_000 + index % perArea)"
    }

    static func mail(_ index: Int, isSuppressed: Bool) -> String {
        isSuppressed ? "gone\(index)@example.net" : "reader\(index)@example.com"
    }
}
