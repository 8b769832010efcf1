import Audit
import Gate
import Synchronization

/// What was decided about sends that carry an idempotency key, so that a retry under the same key gets the same bytes.
///
/// One for the process: a retry may come by any connection, and so to any worker. Only sends that have a key come here; a lock
/// is held for one look-up or one insertion. Holds bodies that were stripped, keyed by a digest: no key and no credential in plain.
public final class IdempotencyCache: Sendable {
    /// Who asks under which key: a digest of the endpoint, the credential and the key.
    struct Key: Hashable, Sendable {
        let digest: AuditDigest
    }

    /// The first decision under a key.
    struct Decision: Sendable {
        /// SHA-256 of target and body as the client sent them.
        let received: AuditDigest
        /// The bytes that went out; `nil` when they were those that came.
        let forwarded: [UInt8]?
        /// SHA-256 of the bytes that went out, kept when they were too many to keep themselves.
        let forwardedDigest: AuditDigest?
        /// What was taken out, for the answer.
        let results: ResultPlan?
        /// How many recipients were taken out.
        let stripped: Int
        /// The send that may still take the decision back, as long as it has not left and no retry relies on it; 0 is none.
        var owner: UInt64
        /// A number that no other decision has.
        let number: UInt64
        /// Milliseconds of the monotonic clock.
        let decidedAt: UInt64

        /// Milliseconds since it was taken. Every worker looks at the clock once a turn, so one may see a decision that another has
        /// taken a moment later than its own `now`.
        func age(_ now: UInt64) -> UInt64 { now > decidedAt ? now - decidedAt : 0 }

        /// Room it takes, roughly.
        var size: Int { 192 + (forwarded?.count ?? 0) }
    }

    /// How long a decision is kept: no provider keeps keys longer than a day, as far as they say.
    public let lifetime: UInt64
    /// Bytes for all of them.
    public let capacity: Int
    /// A stripped body larger than this is known by its digest alone.
    static let bodyLimit = 1 << 20

    private struct State {
        var decisions: [Key: Decision] = [:]
        /// In the order of their coming, with what has been removed since.
        var order: [(key: Key, number: UInt64)] = []
        var oldest = 0
        var size = 0
        var number: UInt64 = 0
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: bytes; the oldest decisions go first.
    ///   - lifetime: milliseconds.
    public init(capacity: Int = 64 << 20, lifetime: UInt64 = 86_400_000) {
        self.capacity = capacity
        self.lifetime = lifetime
    }

    /// How many decisions are held.
    public var count: Int { state.withLock { $0.decisions.count } }

    /// The decision a retry has to follow. From now on nobody can take it back.
    /// - Returns: `nil` when there is none under the key, or one about another body.
    func adopt(_ key: Key, received: AuditDigest, now: UInt64) -> Decision? {
        state.withLock { state in
            guard let found = state.decisions[key], found.age(now) < lifetime, found.received == received else { return nil }
            state.decisions[key]?.owner = 0
            return found
        }
    }

    /// Keeps a decision unless there is one already.
    /// - Parameter forwarded: `nil` when the bytes went out that came, or are known by `forwardedDigest` alone.
    /// - Returns: `false` when there is an earlier decision about the same body, which holds. One about another body stays as it is:
    ///   the provider will refuse that key, or answer as it did the first time.
    func keep(
        _ key: Key, received: AuditDigest, forwarded: [UInt8]?, forwardedDigest: AuditDigest?, results: ResultPlan?, stripped: Int,
        owner: UInt64, now: UInt64
    ) -> Bool {
        state.withLock { state in
            if let found = state.decisions[key] {
                if found.age(now) < lifetime { return found.received != received }
                Self.remove(key, &state)
            }
            state.number += 1
            let decision = Decision(
                received: received, forwarded: forwarded, forwardedDigest: forwardedDigest, results: results, stripped: stripped,
                owner: owner, number: state.number, decidedAt: now)
            state.decisions[key] = decision
            state.order.append((key, decision.number))
            state.size += decision.size
            trim(&state, now)
            return true
        }
    }

    /// The send leaves: its decision can no longer be taken back.
    func seal(_ key: Key, owner: UInt64) {
        state.withLock { state in
            if state.decisions[key]?.owner == owner { state.decisions[key]?.owner = 0 }
        }
    }

    /// Takes a decision back that its own send has not acted on.
    /// - Returns: whether it was taken back.
    func withdraw(_ key: Key, owner: UInt64) -> Bool {
        state.withLock { state in
            guard owner != 0, state.decisions[key]?.owner == owner else { return false }
            Self.remove(key, &state)
            return true
        }
    }

    private static func remove(_ key: Key, _ state: inout State) {
        if let gone = state.decisions.removeValue(forKey: key) { state.size -= gone.size }
    }

    /// Lets the oldest go while there are too many bytes, and those that are too old.
    private func trim(_ state: inout State, _ now: UInt64) {
        while state.oldest < state.order.count {
            let (key, number) = state.order[state.oldest]
            if let held = state.decisions[key], held.number == number {
                guard state.size > capacity || held.age(now) >= lifetime else { break }
                Self.remove(key, &state)
            }
            state.oldest += 1
        }
        if state.oldest > 1024, state.oldest > state.order.count / 2 {
            state.order.removeFirst(state.oldest)
            state.oldest = 0
        }
    }
}
