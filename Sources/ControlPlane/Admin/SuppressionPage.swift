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
        public var eventId: String
        public var ledgerPosition: UInt64
    }

    public var suppressions: [Line]
    /// Give it as `after` for the next page; `nil` at the end.
    public var next: UInt64?

    public init(_ listings: [SuppressionListing], limit: Int) {
        suppressions = listings.map { listing in
            let event = listing.event.event
            return Line(
                identifier: event.identifier?.spelling ?? "", kind: event.identifier?.kind.name ?? "",
                channels: listing.channels.channels.map(\.name), scope: event.scope.description, reason: event.reason,
                method: event.source.method.rawValue, since: listing.event.askedAt.description, eventId: event.id,
                ledgerPosition: listing.event.position)
        }
        next = listings.count == limit ? listings.last?.event.position : nil
    }
}
