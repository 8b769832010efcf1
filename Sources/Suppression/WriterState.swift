import Synchronization

/// What only writers touch, one at a time: the parts of the current view, and the views that readers may still hold.
struct WriterState {
    private(set) var view: UnsafeMutablePointer<IndexView>
    private(set) var parts: Parts
    private var retired: [Retired] = []
    /// A compaction or rebuild is under way.
    var isBusy = false

    /// The owners of what a view points at.
    struct Parts {
        var snapshot: SnapshotFile?
        var active: DeltaTable
        var frozen: DeltaTable?
        var floor: UInt16

        func makeView() -> UnsafeMutablePointer<IndexView> {
            let view = UnsafeMutablePointer<IndexView>.allocate(capacity: 1)
            view.initialize(
                to: IndexView(
                    table: snapshot?.table ?? SnapshotTable.empty, active: active.face,
                    frozen: (frozen ?? DeltaTable.empty).face, floor: floor))
            return view
        }
    }

    private struct Retired {
        let epoch: UInt64
        let view: UnsafeMutablePointer<IndexView>
        let parts: Parts
    }

    init(_ parts: Parts, words: SharedWords) {
        self.parts = parts
        view = parts.makeView()
        words.epoch.pointee.store(1, ordering: .releasing)
        words.view.pointee.store(UInt64(UInt(bitPattern: view)), ordering: .releasing)
    }

    var retiredCount: Int { retired.count }

    /// Publishes the view that `change` makes and retires the last one.
    mutating func replaceView(_ words: SharedWords, _ change: (inout Parts) -> Void) {
        let old = (view, parts)
        change(&parts)
        view = parts.makeView()
        words.view.pointee.store(UInt64(UInt(bitPattern: view)), ordering: .sequentiallyConsistent)
        let epoch = words.epoch.pointee.add(1, ordering: .sequentiallyConsistent).newValue
        retired.append(Retired(epoch: epoch, view: old.0, parts: old.1))
        reclaim(words)
    }

    /// Frees the views that no reader can hold any more: those retired in an epoch that every reader has since seen.
    mutating func reclaim(_ words: SharedWords) {
        guard !retired.isEmpty else { return }
        // Pairs with the fence in SuppressionReader.unpark().
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        var oldest = UInt64.max
        for slot in 0..<SharedWords.readerLimit {
            let seen = words.reader(slot).pointee.load(ordering: .acquiring)
            if seen != SharedWords.vacant { oldest = min(oldest, seen) }
        }
        retired.removeAll { old in
            guard old.epoch <= oldest else { return false }
            old.view.deallocate()
            return true
        }
    }

    /// Frees all views. The index is going away, and its readers are gone.
    func deallocate() {
        for old in retired { old.view.deallocate() }
        view.deallocate()
    }
}
