/// One key on its way into a snapshot.
struct SnapshotRecord {
    var position: UInt64
    var fingerprint: UInt64
    var state: SuppressionState

    @inline(__always)
    static func precedes(_ a: SnapshotRecord, _ b: SnapshotRecord) -> Bool {
        a.position != b.position ? a.position < b.position : a.fingerprint < b.fingerprint
    }

    @inline(__always)
    func isSameKey(as other: SnapshotRecord) -> Bool { position == other.position && fingerprint == other.fingerprint }
}
