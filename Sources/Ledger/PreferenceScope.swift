/// What an opt-out or opt-in is about. Two scopes are the same only when kind and name are: an opt-in to one program leaves
/// an opt-out from everything in force.
public enum PreferenceScope: Hashable, Sendable {
    /// Every message of this organisation.
    case everything
    /// Every program with this purpose: `marketing` or `transactional`.
    case purpose(String)
    /// One named stream of messages, as programs.yaml calls it.
    case program(String)
    /// Every program of one brand.
    case brand(String)
    /// What is sent from one of our numbers or addresses.
    case sender(String)
}

extension PreferenceScope: CustomStringConvertible {
    /// The form used in the ledger, in CSV and on the command line: `everything`, `program:order-updates`.
    public var description: String {
        switch self {
        case .everything: "everything"
        case .purpose(let name): "purpose:" + name
        case .program(let name): "program:" + name
        case .brand(let name): "brand:" + name
        case .sender(let name): "sender:" + name
        }
    }

    /// Reads ``description``. An empty text and `all` are `everything`.
    /// - Returns: `nil` for an unknown kind, an empty name or one above 200 bytes.
    public init?(_ text: some StringProtocol) {
        if text.isEmpty || text == "everything" || text == "all" {
            self = .everything
            return
        }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = String(text[text.index(after: colon)...])
        guard !name.isEmpty, name.utf8.count <= 200 else { return nil }
        switch text[..<colon] {
        case "purpose": self = .purpose(name)
        case "program": self = .program(name)
        case "brand": self = .brand(name)
        case "sender": self = .sender(name)
        default: return nil
        }
    }
}
