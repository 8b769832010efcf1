import Glibc
import Synchronization

extension SuppressionIndex {
    /// Merges the recent changes into a new snapshot file and moves to it. Look-ups and changes go on meanwhile; changes made
    /// after this begins stay in the delta. Readers move at their next look-up; the old snapshot's memory is freed
    /// when each has passed a quiescent point, and until then there are two in memory.
    ///
    /// Blocks for as long as it takes to read the old snapshot and write the new: call it from a thread of its own.
    /// - Throws: ``SuppressionError``. Whatever fails, the index answers as before and keeps every change.
    public func compact() throws(SuppressionError) {
        let frozen = try freeze()
        let temporary = directory.temporaryPath("compaction")
        do throws(SuppressionError) {
            try write(frozen, to: temporary)
            // Checked as at a start, and warm, before anyone depends on it.
            let snapshot = try SnapshotFile(path: temporary, secretID: secretID)
            try directory.install(temporary)
            finish(snapshot)
        } catch {
            directory.remove(temporary)
            thaw()
            throw error
        }
    }

    /// How many keys have changed since the snapshot: when this nears a hundredth of the snapshot, compact.
    public var deltaCount: Int {
        writers.withLock { $0.parts.active.count + ($0.parts.frozen?.count ?? 0) }
    }

    /// Frees what no reader can see any more. Happens by itself at every change of view; call it from a slow timer so
    /// that the last one does not wait for the next.
    /// - Returns: how many replaced views are still waiting for a reader.
    @discardableResult
    public func reclaim() -> Int {
        writers.withLock {
            $0.reclaim(words)
            return $0.retiredCount
        }
    }

    struct Frozen {
        let snapshot: SnapshotFile?
        let delta: DeltaTable
        let ledgerPosition: UInt64
        let version: UInt64
    }

    /// Sets the changes so far aside and begins a new delta over them.
    func freeze() throws(SuppressionError) -> Frozen {
        try writers.withLock { state throws(SuppressionError) in
            guard !state.isBusy else { throw .busy }
            state.isBusy = true
            let delta = state.parts.active
            state.replaceView(words) {
                $0.frozen = delta
                $0.active = DeltaTable(capacity: Self.firstDeltaCapacity)
            }
            return Frozen(
                snapshot: state.parts.snapshot, delta: delta,
                ledgerPosition: words.ledgerPosition.pointee.load(ordering: .relaxed),
                version: words.version.pointee.load(ordering: .relaxed))
        }
    }

    /// Moves to the snapshot that has the frozen changes in it.
    func finish(_ snapshot: SnapshotFile) {
        writers.withLock { state in
            state.replaceView(words) {
                $0.snapshot = snapshot
                $0.frozen = nil
            }
            state.isBusy = false
        }
    }

    /// Puts the frozen changes back under the later ones, after a failure.
    func thaw() {
        writers.withLock { state in
            if let frozen = state.parts.frozen {
                let later = state.parts.active
                var capacity = max(frozen.capacity, later.capacity)
                while capacity / 2 <= frozen.count + later.count { capacity *= 2 }
                let merged = frozen.copy(capacity: capacity)
                later.forEach { key, value in merged.set(key, value.over(merged.face.value(key))) }
                state.replaceView(words) {
                    $0.active = merged
                    $0.frozen = nil
                }
            }
            state.isBusy = false
        }
    }

    /// Writes snapshot and delta merged, both in the order of positions.
    private func write(_ frozen: Frozen, to path: String) throws(SuppressionError) {
        var changes: [DeltaChange] = []
        changes.reserveCapacity(frozen.delta.count)
        frozen.delta.forEach { changes.append(DeltaChange(key: $0, value: $1)) }
        changes.sort { SnapshotRecord.precedes($0.record, $1.record) }

        var capacity = Int(frozen.snapshot?.layout.entryCount ?? 0)
        let table = frozen.snapshot?.table ?? SnapshotTable.empty
        for change in changes {
            let old = table.state(change.key)
            capacity += change.value.over(old).entryCount - old.entryCount
        }
        var writer = try SnapshotWriter(
            path: path, capacity: capacity, secretID: secretID, ledgerPosition: frozen.ledgerPosition,
            version: frozen.version)
        var next = 0
        if let snapshot = frozen.snapshot {
            var scanner = try SnapshotScanner(snapshot)
            while let record = try scanner.nextRecord() {
                while next < changes.count, SnapshotRecord.precedes(changes[next].record, record) {
                    try writer.append(changes[next].record)
                    next += 1
                }
                var merged = record
                if next < changes.count, changes[next].record.isSameKey(as: record) {
                    merged.state = changes[next].value.over(record.state)
                    next += 1
                }
                try writer.append(merged)
            }
        }
        while next < changes.count {
            try writer.append(changes[next].record)
            next += 1
        }
        _ = try writer.finish()
    }
}

/// One entry of a delta on its way into a snapshot.
private struct DeltaChange {
    let key: KeyPosition
    let value: DeltaValue

    /// The record it makes where the snapshot has none.
    var record: SnapshotRecord {
        SnapshotRecord(position: key.position, fingerprint: key.fingerprint, state: value.over(SuppressionState.none))
    }
}
