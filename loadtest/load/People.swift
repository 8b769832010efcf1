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

    enum Kind { case phone, mail }

    /// The text of a suppressed person, without making a `String`: lists for tests have up to a hundred million lines.
    static func append(_ index: Int, _ kind: Kind, to bytes: inout [UInt8]) {
        switch kind {
        case .phone:
            let area = areaCodes[1 + index / perArea % (areaCodes.count - 1)]
            bytes += [UInt8(ascii: "+"), UInt8(ascii: "1")]
            append(area * 10_000_000 + 2_000_000 + index % perArea, to: &bytes)
        case .mail:
            bytes += "gone".utf8
            append(index, to: &bytes)
            bytes += "@example.net".utf8
        }
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
