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

    private func write(_ frozen: Frozen, to path: String) throws(SuppressionError) {
        var records = try FrozenRecords(frozen.snapshot, frozen.delta)
        var writer = try SnapshotWriter(
            path: path, capacity: records.entryCount, expected: records.entryCount, secretID: secretID,
            ledgerPosition: frozen.ledgerPosition, version: frozen.version,
            listsID: frozen.snapshot?.layout.listsID ?? 0)
        while let record = try records.nextRecord() { try writer.append(record) }
        _ = try writer.finish()
    }
}

extension SuppressionIndex {
    /// Checks the snapshot in use from end to end, the part included that look-ups do not need and a start does not read.
    /// - Throws: ``SuppressionError/damaged(part:path:offset:)``.
    public func verify() throws(SuppressionError) {
        guard let snapshot else { return }
        let sums = try snapshot.checksums()
        try snapshot.checkChunks(sums)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: ChunkChecksum.chunkBytes, alignment: 64)
        defer { chunk.deallocate() }
        for i in 0..<snapshot.layout.positionChunks { _ = try snapshot.readPositions(chunk: i, into: chunk, sums: sums) }
    }
}
