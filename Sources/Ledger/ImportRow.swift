import Recipients
import TLSKit

/// Turns one row of an import into events: one for each identifier it may mean.
struct ImportRow {
    struct Fault: Error { let cause: String }

    let options: ImportOptions
    let identifiers: IdentifierReader

    /// - Parameter fields: the row's texts, without the blanks around them and the escapes of the file's format.
    func events(_ fields: [ImportColumn: String]) throws(Fault) -> [PreferenceEvent] {
        func value(_ column: ImportColumn) -> String? {
            guard let text = fields[column], !text.isEmpty else { return nil }
            return text
        }
        let channels = try channels(value(.channels))
        guard let scope = value(.scope).map({ PreferenceScope($0) }) ?? options.defaultScope else {
            throw Fault(cause: "scope is neither `everything` nor `program:NAME`, `purpose:NAME`, `brand:NAME` or `sender:NAME`")
        }
        let reach: EventReach
        switch value(.reach) {
        case nil, EventReach.identifier.name: reach = .identifier
        case EventReach.person.name: reach = .person
        default: throw Fault(cause: "reach is neither `identifier` nor `person`")
        }
        let requestedAt = try moment(value(.requestedAt), "requested_at"), receivedAt = try moment(value(.receivedAt), "received_at")
        return try identified(value).map { (text, identifier) throws(Fault) in
            var event = PreferenceEvent(
                id: "", action: .optOut, identifier: identifier, channels: channels, scope: scope, reach: reach,
                reason: value(.reason) ?? options.defaultReason, identity: EventIdentity(asReceived: text, matchMethod: "exact"),
                times: EventTimes(requestedAt: requestedAt, receivedAt: receivedAt),
                source: EventSource(method: .import, system: value(.source) ?? options.source),
                evidence: EventEvidence(words: value(.evidence), language: value(.language)), actor: options.actor)
            event.id = Self.contentID(event)
            if let rejection = event.rejection() { throw Fault(cause: "\(rejection)") }
            return event
        }
    }

    private func identified(_ value: (ImportColumn) -> String?) throws(Fault) -> [(text: String, identifier: Identifier)] {
        var found: [(String, Identifier)] = []
        let kind = try value(.kind).map { (name) throws(Fault) in
            guard let kind = IdentifierKind(name: name.lowercased()) else {
                throw Fault(cause: "kind is none of " + IdentifierKind.allCases.map(\.name).joined(separator: ", "))
            }
            return kind
        }
        for (column, fixed) in [(ImportColumn.identifier, nil), (.phone, .phone), (.email, .email)] as [(ImportColumn, IdentifierKind?)] {
            guard let text = value(column) else { continue }
            do {
                for identifier in try identifiers.read(text, as: fixed ?? kind) { found.append((text, identifier)) }
            } catch {
                throw Fault(cause: "\(column.rawValue): \(error)")
            }
        }
        if found.isEmpty { throw Fault(cause: "the row names no identifier") }
        return found
    }

    private func channels(_ text: String?) throws(Fault) -> ChannelSet {
        guard let text else { return options.defaultChannels }
        var channels: ChannelSet = []
        for name in text.lowercased().split(whereSeparator: { ",;| +".contains($0) }) {
            if name == "all" {
                channels = .all
            } else if let channel = Channel(name: name) {
                channels.formUnion(ChannelSet(channel))
            } else {
                throw Fault(cause: "channels holds a name that is none of all, " + Channel.allCases.map(\.name).joined(separator: ", "))
            }
        }
        if channels.isEmpty { throw Fault(cause: "channels names no channel") }
        return channels
    }

    private func moment(_ text: String?, _ column: String) throws(Fault) -> Timestamp? {
        guard let text else { return nil }
        guard let moment = Timestamp(text) else {
            throw Fault(cause: "\(column) is no date; write it as 2026-03-01 or 2026-03-01T09:30:00Z")
        }
        return moment
    }

    /// The same for every row that says the same, in whatever file and however it is spelled.
    private static func contentID(_ event: PreferenceEvent) -> String {
        var bytes: [UInt8] = []
        let parts: [String?] = [
            event.identifier?.description, String(event.channels.rawValue), event.scope.description, event.reach.name, event.reason,
            event.times.requestedAt?.description, event.times.receivedAt?.description, event.source.system, event.evidence.words,
        ]
        for part in parts {
            // Its length before each part, so that no two rows run together into the same bytes.
            bytes += Array((part.map { String($0.utf8.count) } ?? "-").utf8) + [UInt8(ascii: ":")] + Array((part ?? "").utf8)
        }
        return "import:" + MessageAuthentication.sha256(bytes).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
