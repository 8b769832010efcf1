import Foundation
import Recipients

/// Writes the suppressions in force to a file, one line for each opt-out event that still blocks.
public struct PreferenceExport {
    public enum Format: String, CaseIterable, Sendable {
        /// With formula prefixes escaped; an import takes it back.
        case csv
        /// One JSON object a line, keys sorted.
        case ndjson
    }

    private static let pageSize = 2000
    static let columns = [
        "identifier", "kind", "channels", "scope", "reach", "reason", "requested_at", "received_at", "source", "evidence",
        "language", "method", "recorded_at", "due_at", "position", "event_id",
    ]

    private let ledger: PreferenceLedger
    private let format: Format
    private let filter: SuppressionFilter

    public init(ledger: PreferenceLedger, format: Format, filter: SuppressionFilter = .init()) {
        self.ledger = ledger
        self.format = format
        self.filter = filter
    }

    /// - Parameter write: gets the file piece by piece.
    /// - Returns: how many lines were written, the header not counted.
    @discardableResult
    public func run(_ write: (String) throws -> Void) throws -> Int {
        if format == .csv { try write(CSVText.record(Self.columns)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var position = LedgerPosition(0)
        var count = 0
        while true {
            let page = try ledger.suppressions(filter, after: position, limit: Self.pageSize)
            guard let last = page.last else { return count }
            var text = ""
            for listing in page {
                let values = Self.values(listing)
                switch format {
                case .csv: text += CSVText.record(values.map { $0 ?? "" })
                case .ndjson:
                    let object = Dictionary(uniqueKeysWithValues: zip(Self.columns, values).compactMap { key, value in value.map { (key, $0) } })
                    text += String(decoding: try encoder.encode(object), as: UTF8.self) + "\n"
                }
            }
            try write(text)
            count += page.count
            position = last.event.position
        }
    }

    private static func values(_ listing: SuppressionListing) -> [String?] {
        let event = listing.event.event
        return [
            event.identifier?.value, event.identifier?.kind.name, listing.channels.channels.map(\.name).joined(separator: " "),
            event.scope.description, event.reach.name, event.reason, event.times.requestedAt?.description,
            event.times.receivedAt?.description, event.source.system, event.evidence.words, event.evidence.language,
            event.source.method.rawValue, listing.event.recordedAt.description, event.times.dueAt?.description,
            String(listing.event.position), event.id,
        ]
    }
}
