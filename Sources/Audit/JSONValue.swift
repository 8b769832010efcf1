/// One value of a line, for the readers. The writer builds none.
enum JSONValue {
    case text(String)
    case number(UInt64, isNegative: Bool)
    case flag(Bool)
    case array([JSONValue])
    case object([(String, JSONValue)])

    /// The member of that name, if this is an object that has one.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    var string: String? {
        if case .text(let text) = self { return text }
        return nil
    }

    var unsigned: UInt64? {
        if case .number(let magnitude, false) = self { return magnitude }
        return nil
    }

    var list: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }
}
