import Recipients

/// One consistent picture of the index: everything a look-up touches, by plain pointers. Never changed after it is published;
/// replaced as a whole when the snapshot or a delta table is.
struct IndexView {
    let table: SnapshotTable
    let active: DeltaTable.Face
    /// The changes that a compaction is merging. Without one, an empty table.
    let frozen: DeltaTable.Face
    /// Blocked for every key, whatever the tables say: all channels while the index is loading, none after.
    let floor: UInt16

    @inline(__always)
    func blocked(_ key: KeyPosition) -> UInt16 {
        if active.mayContain(key) || frozen.mayContain(key) { return floor | changed(key) }
        return floor | table.channels(key)
    }

    /// The keys of one round of ``blocked(_:into:)``: enough loads to keep a core's line buffers full.
    static let batch = 32

    /// ``blocked(_:)`` for up to ``batch`` keys from `start` on, in three passes, in each of which the loads overlap: filter
    /// lines, entries, answers.
    func blocked(_ keys: Span<RecipientKey>, _ range: Range<Int>, into channels: inout MutableSpan<ChannelSet>) {
        var locators = InlineArray<32, UInt64>(repeating: 0)
        for i in range {
            locators[i - range.lowerBound] = table.probe(KeyPosition(keys[i]))
        }
        var guesses = InlineArray<32, UInt64>(repeating: 0)
        for i in range where locators[i - range.lowerBound] != 0 {
            guesses[i - range.lowerBound] = table.guess(
                locators[i - range.lowerBound], KeyPosition(keys[i]).fingerprint)
        }
        for i in range {
            let key = KeyPosition(keys[i])
            let locator = locators[i - range.lowerBound]
            let answer =
                active.mayContain(key) || frozen.mayContain(key)
                ? changed(key) : locator == 0 ? 0 : table.find(locator, guesses[i - range.lowerBound], key.fingerprint)
            channels[i] = ChannelSet(rawValue: floor | answer)
        }
    }

    @inline(never)
    private func changed(_ key: KeyPosition) -> UInt16 { state(key).blocked.rawValue }

    /// The answers of the three tables, the newest first.
    func state(_ key: KeyPosition) -> SuppressionState {
        let value = active.value(key).over(frozen.value(key))
        return value.saysAll ? value.state : value.over(table.state(key))
    }
}
