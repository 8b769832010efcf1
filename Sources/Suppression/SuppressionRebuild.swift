public import Recipients

/// A new content for the index, built aside from rows in any order and any number, while the index serves the old one.
///
/// Memory stays below 100 MiB plus 0.4 bytes a row, whatever the number of rows; disk takes 24 bytes a row while it is
/// built. Belongs to one thread.
public final class SuppressionRebuild {
    /// What is replaced.
    public enum Scope: Sendable {
        /// All that lists suppress. What events suppress stays.
        case lists
        /// Everything: the content no longer depends on the old snapshot, which may be missing or damaged.
        case everything
    }

    public let scope: Scope
    /// Rows must reflect at least the ledger up to here. Changes made later stay in force over them.
    public let ledgerPosition: UInt64
    private let index: SuppressionIndex
    private let frozen: SuppressionIndex.Frozen
    private var rows: RecordPartitions?
    private var lists: [(file: KeyListFile, channels: ChannelSet)] = []

    init(index: SuppressionIndex, scope: Scope) throws(SuppressionError) {
        frozen = try index.freeze()
        self.index = index
        self.scope = scope
        ledgerPosition = frozen.ledgerPosition
        rows = RecordPartitions(temporaryPath: index.directory.temporaryPath("rows"))
    }

    deinit { if rows != nil { index.thaw() } }

    /// Rows added so far.
    public var count: Int { rows?.count ?? 0 }

    /// Adds one row. Rows of the same key add up.
    /// - Parameter source: with the scope ``Scope/lists`` only ``SuppressionSource/list`` is taken.
    public func add(_ key: RecipientKey, _ channels: ChannelSet, source: SuppressionSource) throws(SuppressionError) {
        guard channels.isSubset(of: .all) else { throw .unknownChannels(channels.rawValue) }
        guard scope == .everything || source == .list else { throw .outOfScope }
        guard rows != nil else { throw .rebuildEnded }
        guard !channels.isEmpty else { return }
        let place = KeyPosition(key)
        try rows!.add(
            SnapshotRecord(
                position: place.position, fingerprint: place.fingerprint,
                state: SuppressionState.none.setting(source, to: channels)))
    }

    /// Adds many rows.
    public func add(_ changes: Span<SuppressionChange>) throws(SuppressionError) {
        for i in changes.indices { try add(changes[i].key, changes[i].channels, source: changes[i].source) }
    }

    /// Adds all keys of a sorted file, without another sorting. They are read, and checked, by the commit.
    /// - Complexity: of the commit: each key is compared with the next one of every other file.
    public func add(_ list: KeyListFile, _ channels: ChannelSet) throws(SuppressionError) {
        guard channels.isSubset(of: .all) else { throw .unknownChannels(channels.rawValue) }
        guard rows != nil else { throw .rebuildEnded }
        guard list.secretID == index.secretID else {
            throw .listOfOtherSecret(path: list.path, expected: index.secretID, found: list.secretID)
        }
        if !channels.isEmpty { lists.append((list, channels)) }
    }

    /// Writes the snapshot and moves the index to it in one step.
    /// - Parameter includedPosition: the ledger position that the rows reflect, not before ``ledgerPosition``. With the
    ///   scope ``Scope/lists`` it is not used: the events' part is the index's own.
    /// - Parameter listsID: what ``SuppressionIndex/listsID`` is from then on.
    /// - Throws: ``SuppressionError``; then the index is as it was and the rebuild is over.
    public func commit(ledgerPosition includedPosition: UInt64, listsID: UInt64 = 0) throws(SuppressionError) {
        guard let rows = rows.take() else { throw .rebuildEnded }
        let temporary = index.directory.temporaryPath("rebuild")
        do throws(SuppressionError) {
            guard scope == .lists || includedPosition >= ledgerPosition else {
                throw .staleRows(needed: ledgerPosition, found: includedPosition)
            }
            let position = scope == .lists ? ledgerPosition : includedPosition
            try write(rows, to: temporary, position, listsID)
            let snapshot = try SnapshotFile(path: temporary, secretID: index.secretID)
            try index.directory.install(temporary)
            index.finish(snapshot)
            index.advance(to: position)
        } catch {
            index.directory.remove(temporary)
            index.thaw()
            throw error
        }
    }

    /// Gives up; the index stays as it is.
    public func cancel() {
        guard rows.take() != nil else { return }
        index.thaw()
    }

    private func write(
        _ rows: consuming RecordPartitions, to path: String, _ position: UInt64, _ listsID: UInt64
    ) throws(SuppressionError) {
        var rows = try MergedRecords(rows, lists)
        let limit = rows.limit
        var kept = scope == .lists ? try FrozenRecords(frozen.snapshot, frozen.delta) : nil
        let keptCount = kept?.entryCount ?? 0
        var writer = try SnapshotWriter(
            path: path, capacity: limit + keptCount, expected: rows.expected + keptCount, secretID: index.secretID,
            ledgerPosition: position, version: frozen.version, listsID: listsID)
        var row = try rows.nextRecord()
        while var old = try kept?.nextRecord() {
            old.state = SuppressionState(event: old.state.event, list: [])
            while let next = row, SnapshotRecord.precedes(next, old) {
                try writer.append(next)
                row = try rows.nextRecord()
            }
            if let next = row, next.isSameKey(as: old) {
                old.state = SuppressionState(bits: old.state.bits | next.state.bits)
                row = try rows.nextRecord()
            }
            try writer.append(old)
        }
        while let next = row {
            try writer.append(next)
            row = try rows.nextRecord()
        }
        _ = try writer.finish()
    }
}

extension SuppressionIndex {
    /// Begins to build a new content aside. One rebuild or compaction at a time.
    public func beginRebuild(_ scope: SuppressionRebuild.Scope) throws(SuppressionError) -> sending SuppressionRebuild {
        try SuppressionRebuild(index: self, scope: scope)
    }
}
