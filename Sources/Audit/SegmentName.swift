/// The names of segment files: `audit-0000000001.jsonl`, counted from 1.
enum SegmentName {
    static func name(_ number: UInt64) -> String {
        let digits = String(number)
        return "audit-" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".jsonl"
    }

    /// The number, if `name` is a segment's and spelled the one right way.
    static func number(_ name: String) -> UInt64? {
        guard name.hasPrefix("audit-"), name.hasSuffix(".jsonl"),
            let number = UInt64(name.dropFirst(6).dropLast(6)), number > 0, Self.name(number) == name
        else { return nil }
        return number
    }

    /// The numbers of the segments in `directory`, ascending.
    static func list(_ directory: String) throws(AuditFailure) -> [UInt64] {
        try Directory.names(directory).compactMap(number).sorted()
    }
}
