public import Ledger
import Recipients

/// What became of an order.
public struct SuppressionReceipt: Codable, Equatable, Sendable {
    public struct Entry: Codable, Equatable, Sendable {
        public var identifier: String
        public var kind: String
        public var channels: [String]
        public var eventId: String
        public var ledgerPosition: UInt64
        /// `false` when the same call was made before.
        public var isNew: Bool
    }

    public var events: [Entry]
    /// Whether every event loop has passed the change: `false` only where no gate runs.
    public var enforced: Bool

    public init(_ events: [PreferenceEvent], _ results: [AppendResult], enforced: Bool) {
        self.events = zip(events, results).map { event, result in
            Entry(
                identifier: event.identifier?.spelling ?? "", kind: event.identifier?.kind.name ?? "",
                channels: event.channels.channels.map(\.name), eventId: event.id, ledgerPosition: result.position, isNew: result.isNew)
        }
        self.enforced = enforced
    }
}
