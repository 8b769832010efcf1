import Synchronization

/// What the writer and all producers share besides the rings.
final class AuditSignals: Sendable {
    /// ``AuditState/word``.
    private let word = Atomic<UInt64>(0)
    /// How deep the writer sleeps: see ``Sleep``.
    let sleep = Atomic<UInt8>(0)
    let closing = Atomic<Bool>(false)
    let wakeup: EventDescriptor

    /// Each sleep is lighter than the one before: what wakes the writer from one wakes it from all after it.
    enum Sleep {
        /// Works, or is about to commit.
        static let awake: UInt8 = 0
        /// Sends wait for the moment of the next sync: a full batch and what is urgent wake it.
        static let pacing: UInt8 = 1
        /// Only records nobody waits for: a record that somebody waits for wakes it too.
        static let gathering: UInt8 = 2
        /// Has nothing to do: every record wakes it.
        static let idle: UInt8 = 3
    }

    init() throws(AuditFailure) { wakeup = try EventDescriptor() }

    var state: AuditState {
        get { AuditState(word: word.load(ordering: .acquiring)) }
        set { word.store(newValue.word, ordering: .releasing) }
    }
}
