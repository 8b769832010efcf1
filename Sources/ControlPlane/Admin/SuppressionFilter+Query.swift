public import Ledger
import Recipients

extension SuppressionFilter {
    /// Reads the conditions of a listing from names and values, passing over those that page or format it.
    public init(query: [(String, String)]) throws(SuppressionOrder.Mistake) {
        self.init()
        for (name, value) in query {
            var isRead = true
            switch name {
            case "kind":
                kind = IdentifierKind(name: value)
                isRead = kind != nil
            case "channel":
                channel = Channel(name: value)
                isRead = channel != nil
            case "scope":
                scope = PreferenceScope(value)
                isRead = scope != nil
            case "reason": reason = value
            case "system": system = value
            // The ledger keeps phone numbers without their plus.
            case "prefix": prefix = value.hasPrefix("+") ? String(value.dropFirst()) : value
            case "after", "limit", "format": continue
            default:
                throw .init(field: name, what: "is unknown; known are identifier, kind, channel, scope, reason, system, prefix, after, limit")
            }
            if !isRead { throw .init(field: name, what: "'\(value)' is none") }
        }
    }
}
