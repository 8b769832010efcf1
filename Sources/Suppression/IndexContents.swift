public import Recipients

/// What an index holds at one moment, for comparisons: a snapshot and the changes over it. Does not change, and lets the index go on.
public final class IndexContents: Sendable {
    /// The ledger position it includes.
    public let ledgerPosition: UInt64
    /// The state of the lists it was made of.
    public let listsID: UInt64
    private let snapshot: SnapshotFile?
    private let delta: DeltaTable

    /// The snapshot in an index directory as it lies there, for a process beside the one that has the index open, or when none has.
    /// Nothing is written, and damage is not put aside.
    /// - Returns: `nil` where there is no snapshot.
    /// - Throws: ``SuppressionError``: damage, or a snapshot under another secret.
    /// - Complexity: reads the snapshot once.
    public static func stored(in directory: String, secretID: UInt64) throws(SuppressionError) -> IndexContents? {
        do throws(SuppressionError) {
            let snapshot = try SnapshotFile(path: directory + "/index.snapshot", secretID: secretID)
            return IndexContents(snapshot, DeltaTable.empty, snapshot.layout.ledgerPosition)
        } catch .system("open", _, 2) {
            return nil
        }
    }

    fileprivate init(_ snapshot: SnapshotFile?, _ delta: DeltaTable, _ ledgerPosition: UInt64) {
        self.snapshot = snapshot
        self.delta = delta
        self.ledgerPosition = ledgerPosition
        listsID = snapshot?.layout.listsID ?? 0
    }

    /// These contents after `changes`, which bring them to `ledgerPosition`.
    public func applying(_ changes: [SuppressionChange], ledgerPosition: UInt64) -> IndexContents {
        var capacity = 16
        while capacity / 2 <= delta.count + changes.count { capacity *= 2 }
        let next = delta.copy(capacity: capacity)
        for change in changes {
            let key = KeyPosition(change.key)
            next.set(key, next.face.value(key).setting(change.source, to: SuppressionState.none.setting(change.source, to: change.channels)))
        }
        return IndexContents(snapshot, next, ledgerPosition)
    }

    /// Every key that the two hold differently.
    /// - Parameter other: under the same secret; the keys are then in the same order in both.
    /// - Parameter limit: how many differences are kept; all are counted.
    /// - Throws: ``SuppressionError``: damage that reading either from end to end has found.
    /// - Complexity: one pass over both, in constant memory.
    public func compare(with other: IndexContents, limit: Int) throws(SuppressionError) -> IndexComparison {
        var result = IndexComparison()
        var mine = try FrozenRecords(snapshot, delta), theirs = try FrozenRecords(other.snapshot, other.delta)
        var a = try Self.next(&mine), b = try Self.next(&theirs)
        while a != nil || b != nil {
            let isMine = b.map { b in a.map { !SnapshotRecord.precedes(b, $0) } ?? false } ?? true
            let isTheirs = a.map { a in b.map { !SnapshotRecord.precedes(a, $0) } ?? false } ?? true
            guard let record = isMine ? a : b else { break }
            let here = isMine ? record.state : SuppressionState.none
            let there = isTheirs ? (b?.state ?? .none) : SuppressionState.none
            if here != there {
                result.differing += 1
                if result.differences.count < limit {
                    let key = KeyPosition.key(position: record.position, fingerprint: record.fingerprint)
                    result.differences.append(IndexDifference(key: key, here: here, there: there))
                }
            }
            result.keys += 1
            if isMine { a = try Self.next(&mine) }
            if isTheirs { b = try Self.next(&theirs) }
        }
        return result
    }

    /// The next key that suppresses anything.
    private static func next(_ records: inout FrozenRecords) throws(SuppressionError) -> SnapshotRecord? {
        while let record = try records.nextRecord() {
            if !record.state.isEmpty { return record }
        }
        return nil
    }
}

/// What a comparison of two contents found.
public struct IndexComparison: Sendable, Equatable {
    /// Keys in either.
    public internal(set) var keys = 0
    public internal(set) var differing = 0
    /// The first of them.
    public internal(set) var differences: [IndexDifference] = []
}

/// A key that two contents hold differently.
public struct IndexDifference: Sendable, Equatable {
    public let key: RecipientKey
    public let here: SuppressionState
    public let there: SuppressionState
}

extension SuppressionIndex {
    /// What the index holds now.
    public func contents() -> IndexContents {
        writers.withLock { state in
            let parts = state.parts
            let frozen = parts.frozen ?? DeltaTable.empty
            var capacity = 16
            while capacity / 2 <= frozen.count + parts.active.count { capacity *= 2 }
            let merged = frozen.copy(capacity: capacity)
            parts.active.forEach { key, value in merged.set(key, value.over(merged.face.value(key))) }
            return IndexContents(parts.snapshot, merged, ledgerPosition)
        }
    }
}
