import Synchronization

/// What the writer and all producers share besides the rings.
final class AuditSignals: Sendable {
    /// ``AuditState/word``.
    private let word = Atomic<UInt64>(0)
    /// How deep the writer sleeps: see ``Sleep``.
    let sleep = Atomic<UInt8>(0)
    let closing = Atomic<Bool>(false)
    let wakeup: EventDescriptor

    enum Sleep {
        static let awake: UInt8 = 0
        /// Waits for the moment of the next sync; a producer wakes it only when a batch is full.
        static let pacing: UInt8 = 1
        /// Has nothing to do.
        static let idle: UInt8 = 2
    }

    init() throws(AuditFailure) { wakeup = try EventDescriptor() }

    var state: AuditState {
        get { AuditState(word: word.load(ordering: .acquiring)) }
        set { word.store(newValue.word, ordering: .releasing) }
    }
}
