/// How the log writes. The defaults are those of docs/audit-format.md.
public struct AuditSettings: Hashable, Sendable {
    public enum Durability: Hashable, Sendable {
        /// A worker is told once the record is on disk.
        case strict
        /// A worker is told at once; a crash may lose the records of the last `interval` milliseconds.
        case batch(interval: Int)
    }

    /// Which requests carry the SHA-256 of their body as received and as forwarded. The worker computes them.
    public enum BodyDigest: Hashable, Sendable { case always, stripOnly, never }

    /// A floor under free space: the larger of a share of the file system and a number of bytes.
    public struct SpaceFloor: Hashable, Sendable {
        public var percent: Int
        public var bytes: UInt64
        public init(percent: Int, bytes: UInt64) {
            self.percent = percent
            self.bytes = bytes
        }
    }

    public var durability: Durability = .strict
    public var bodyDigest: BodyDigest = .stripOnly
    /// A sync that a send waits for starts at once after an idle spell, and otherwise when this many milliseconds have gone by
    /// since the last one began (half of them while there is little to sync) or ``batchRecords`` records of a lane wait.
    /// A sync costs the same for one record and for a hundred: at 5,000 sends a second, two milliseconds instead of four cost a
    /// fifth of the process's CPU time (loadtest/results/tuning.md).
    public var maxDelay = 4
    public var batchRecords = 256
    /// A segment that has reached this many bytes is followed by a new one.
    public var segmentBytes = 256 << 20
    /// Bytes of each lane's ring: a power of two, 64 KiB to 1 GiB. Must hold the largest decision twice.
    public var ringBytes = 4 << 20
    public var warnBelow = SpaceFloor(percent: 5, bytes: 1 << 30)
    public var stopBelow = SpaceFloor(percent: 1, bytes: 256 << 20)
    /// Start in spite of damage in the last segment: everything from the first bad seal on is moved to a file of its own.
    /// Set by an operator, for one start.
    public var repair = false

    public init() {}

    /// Records waiting in one lane that start a commit before its time. In batch mode only a ring that fills up does.
    var commitRecords: UInt64 {
        if case .strict = durability { return UInt64(batchRecords) }
        return .max
    }

    /// What is wrong with these settings, if anything.
    var complaint: String? {
        if ringBytes < 64 << 10 || ringBytes > 1 << 30 || ringBytes & (ringBytes - 1) != 0 {
            return "ringBytes is \(ringBytes), give a power of two between 65536 and 1073741824"
        }
        if segmentBytes < 4096 { return "segmentBytes is \(segmentBytes), give at least 4096" }
        if !(0...1000).contains(maxDelay) { return "maxDelay is \(maxDelay), give 0 to 1000 milliseconds" }
        if batchRecords < 1 { return "batchRecords is \(batchRecords), give at least 1" }
        if case .batch(let interval) = durability, !(1...60_000).contains(interval) {
            return "batch interval is \(interval), give 1 to 60000 milliseconds"
        }
        for floor in [warnBelow, stopBelow] where !(0...100).contains(floor.percent) {
            return "a space floor is \(floor.percent) percent, give 0 to 100"
        }
        return nil
    }
}
