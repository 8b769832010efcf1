public import Adapters
public import Recipients
public import Signing
import Synchronization

/// What sends are judged by: one immutable value, replaced as a whole. Holds nothing that changes.
public final class ScreeningRules: Sendable {
    public let routes: RouteTable
    /// The first 8 bytes of the ruleset's content hash, as the audit log records it.
    public let hash: UInt64
    public let identifiers: NormalisationRules
    /// How upstream connections are made, by provider; providers left out use both protocols by ALPN.
    public let onlyHTTP1: Set<String>
    /// The keys of senders whose signatures can be checked and made anew.
    public let signing: SigningKeys
    /// The programs that a send may name in the field `stopgate-program`.
    public let programs: [String]

    public init(
        routes: RouteTable, hash: UInt64, identifiers: NormalisationRules, onlyHTTP1: Set<String> = [], signing: SigningKeys = SigningKeys(),
        programs: [String] = []
    ) {
        self.routes = routes
        self.hash = hash
        self.identifiers = identifiers
        self.onlyHTTP1 = onlyHTTP1
        self.programs = programs
        self.signing = signing
    }
}

/// Where the newest rules are found. One writer, the control plane; every worker looks once per loop turn.
public final class ScreeningRulesCell: Sendable {
    private let current: Mutex<ScreeningRules>
    private let generation = Atomic<UInt64>(1)

    public init(_ rules: ScreeningRules) { current = Mutex(rules) }

    public func publish(_ rules: ScreeningRules) {
        current.withLock { $0 = rules }
        generation.add(1, ordering: .releasing)
    }

    /// - Parameter known: the generation the caller holds; updated.
    /// - Returns: newer rules, or `nil`. Costs one atomic load when there are none.
    func newer(than known: inout UInt64) -> ScreeningRules? {
        let now = generation.load(ordering: .acquiring)
        guard now != known else { return nil }
        known = now
        return current.withLock { $0 }
    }
}
