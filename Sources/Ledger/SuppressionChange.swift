public import Recipients

/// On which channels an identifier must not be contacted, in one scope.
public struct EffectiveSuppression: Hashable, Sendable {
    public let identifier: Identifier
    public let scope: PreferenceScope
    /// Never empty in a listing. In a change it is the whole new state: empty means that nothing is blocked any more.
    public let channels: ChannelSet

    public init(identifier: Identifier, scope: PreferenceScope, channels: ChannelSet) {
        self.identifier = identifier
        self.scope = scope
        self.channels = channels
    }
}

/// What one committed transaction did to the suppressions: the whole new state of every identifier that may have changed, one for
/// each scope, grouped by identifier. A scope that is missing blocks nothing. Applying it twice, or applying one that changes nothing,
/// does no harm.
public struct SuppressionChange: Equatable, Sendable {
    /// The last event the state includes.
    public let position: LedgerPosition
    public let states: [EffectiveSuppression]
}

/// Where suppressions take effect: the index.
public protocol SuppressionSink: Sendable {
    /// Makes `change` visible to every look-up before it returns. Called after the commit and before the append returns, one
    /// call at a time and in the order of positions.
    func apply(_ change: SuppressionChange)
}
