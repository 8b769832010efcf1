import Ledger
import Recipients

/// Other identifiers that are the same one to the gate, because they reach the same person: an opt-out of any of them is an opt-out of
/// all. Each was read under the rules given and found to be the same; the rules decide, not this table.
enum EquivalentSpellings {
    /// What stands where any tag does.
    private static let tag = "+anything"

    static func of(_ identifier: Identifier, rules: NormalisationRules) -> [String] {
        let own = identifier.spelling
        let normal = normalForm(own, identifier.kind, rules)
        return candidates(identifier).filter { $0 != own && normal != nil && normalForm($0, identifier.kind, rules) == normal }
    }

    /// The address without its tag, where an opt-out of that one covers this one.
    static func base(of identifier: Identifier, rules: NormalisationRules) -> Identifier? {
        guard identifier.kind == .email, rules.baseCoversTags, let (local, domain) = parts(identifier.value), let plus = local.firstIndex(of: "+"),
            plus != local.startIndex, let read = try? IdentifierReader(rules: rules).read(local[..<plus] + "@" + domain, as: .email).first,
            read != identifier
        else { return nil }
        return read
    }

    private static func candidates(_ identifier: Identifier) -> [String] {
        switch identifier.kind {
        case .phone:
            let number = identifier.spelling
            if number.hasPrefix("+52") { return ["+521" + number.dropFirst(3)] }
            if number.hasPrefix("+54") { return ["+549" + number.dropFirst(3)] }
            // The area code has two digits; the ninth digit stands behind it.
            if number.hasPrefix("+55"), number.count == 14 { return [String(number.prefix(5) + number.dropFirst(6))] }
            return []
        case .email:
            guard let (local, domain) = parts(identifier.value), domain == "gmail.com" else { return [] }
            let dotted = local.count > 1 ? ["\(local.prefix(1)).\(local.dropFirst())@gmail.com"] : []
            return dotted + ["\(local)\(tag)@gmail.com", "\(local)@googlemail.com"]
        case .pushToken, .postal, .external: return []
        }
    }

    private static func parts(_ address: String) -> (local: String, domain: String)? {
        guard let at = address.lastIndex(of: "@") else { return nil }
        return (String(address[..<at]), String(address[address.index(after: at)...]))
    }

    private static func normalForm(_ text: String, _ kind: IdentifierKind, _ rules: NormalisationRules) -> String? {
        try? CanonicalIdentifier(parsing: text, kind: kind, rules: rules).normalForm
    }
}
