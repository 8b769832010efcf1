/// The columns an import understands. Names are compared without case, and `-` or a blank stands for `_`.
enum ImportColumn: String, CaseIterable, Hashable {
    case identifier, kind, phone, email, channels, scope, reach, reason, source, evidence, language
    case requestedAt = "requested_at"
    case receivedAt = "received_at"
    // Our own exports have these; the ledger gives new ones.
    case eventID = "event_id"
    case recordedAt = "recorded_at"
    case dueAt = "due_at"
    case position, method

    init?(header: String) {
        let name = header.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 }
        switch String(name) {
        case "channel": self = .channels
        case "phone_number", "mobile": self = .phone
        case "e_mail", "email_address": self = .email
        case let name:
            guard let column = ImportColumn(rawValue: name) else { return nil }
            self = column
        }
    }

    /// The place of each column in a row.
    /// - Throws: ``ImportFailure``.
    static func places(_ header: [String], ignoringUnknown: Bool) throws -> [ImportColumn: Int] {
        var places: [ImportColumn: Int] = [:]
        var unknown: [String] = []
        for (index, text) in header.enumerated() {
            let name = trimmed(text)
            guard let column = ImportColumn(header: name) else {
                if !name.isEmpty { unknown.append(name) }
                continue
            }
            if places.updateValue(index, forKey: column) != nil { throw ImportFailure.repeatedColumn(name) }
        }
        if places[.identifier] == nil, places[.phone] == nil, places[.email] == nil { throw ImportFailure.noIdentifierColumn }
        if !unknown.isEmpty, !ignoringUnknown { throw ImportFailure.unknownColumns(unknown) }
        return places
    }

    static func trimmed(_ text: String) -> String {
        let isBlank = { (character: Character) in character.isWhitespace }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
