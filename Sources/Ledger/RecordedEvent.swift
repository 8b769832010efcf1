/// Where an event stands in the ledger: 1 for the first, without gaps.
public typealias LedgerPosition = UInt64

/// An event as the ledger holds it.
public struct RecordedEvent: Equatable, Sendable {
    public let position: LedgerPosition
    public let recordedAt: Timestamp
    /// SHA-256 over the previous event's hash and this event's fields (``EventHash``), 32 bytes.
    public let hash: [UInt8]
    public let event: PreferenceEvent

    /// When the person acted, or the closest moment after it that is known.
    public var askedAt: Timestamp { event.times.requestedAt ?? event.times.receivedAt ?? recordedAt }
}

/// What became of an event that was handed to the ledger.
public struct AppendResult: Equatable, Sendable {
    /// Where it stands, whether it came now or earlier.
    public let position: LedgerPosition
    /// `false` when an event with the same id was there already; nothing was changed then.
    public let isNew: Bool
}

/// What to do with an event whose id the ledger knows already.
public enum KnownEvent: Sendable {
    /// It must say the same as the recorded one, else the append fails: a client that reuses an id by mistake would otherwise
    /// lose an opt-out without noticing.
    case mustAgree
    /// The recorded one stands: for ids that a provider gave to one signal, which policy may read differently each time.
    case keepFirst
}
