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
            case "prefix": prefix = value
            case "cursor", "limit", "format": continue
            default:
                throw .init(field: name, what: "is unknown; known are kind, channel, scope, reason, system, prefix")
            }
            if !isRead { throw .init(field: name, what: "'\(value)' is none") }
        }
    }
}
