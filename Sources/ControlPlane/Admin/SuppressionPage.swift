public import Ledger
import Recipients

/// One page of the opt-outs in force.
public struct SuppressionPage: Codable, Equatable, Sendable {
    public struct Line: Codable, Equatable, Sendable {
        public var identifier: String
        public var kind: String
        public var channels: [String]
        public var scope: String
        public var reason: String?
        public var method: String
        public var since: String
        /// The law's last moment for honouring it; it is in force since it was recorded.
        public var dueAt: String?
        public var eventId: String
        public var ledgerPosition: UInt64
    }

    public var suppressions: [Line]
    /// Give it as `cursor` for the next page; `nil` at the end.
    public var nextCursor: String?

    public init(_ listings: [SuppressionListing], limit: Int) {
        suppressions = listings.map { listing in
            let event = listing.event.event
            return Line(
                identifier: event.identifier?.spelling ?? "", kind: event.identifier?.kind.name ?? "",
                channels: listing.channels.channels.map(\.name), scope: event.scope.description, reason: event.reason,
                method: event.source.method.rawValue, since: listing.event.askedAt.description, dueAt: event.times.dueAt?.description,
                eventId: event.id,
                ledgerPosition: listing.event.position)
        }
        nextCursor = listings.count == limit ? listings.last.map { String($0.event.position) } : nil
    }
}
