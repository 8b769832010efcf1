public import Recipients

extension IdentifierReader {
    /// Reads as sends are judged under `rules`. The ledger keeps normal forms: their digests are the keys that sends are looked
    /// up under, whatever the spelling. Change the rules and old records keep their old forms; the spelling as received is
    /// kept beside, to read them again.
    public init(rules: NormalisationRules) {
        self.init { text, kind throws(Unreadable) in
            do throws(IdentifierProblem) {
                let parsed = try CanonicalIdentifier(parsing: text, kind: kind, rules: rules)
                var found = [Identifier(kind: parsed.kind, normalForm: parsed.normalForm)]
                for reading in parsed.otherReadings {
                    let other = try CanonicalIdentifier(parsing: reading, kind: parsed.kind, rules: rules)
                    let identifier = Identifier(kind: other.kind, normalForm: other.normalForm)
                    if !found.contains(identifier) { found.append(identifier) }
                }
                return found
            } catch {
                throw Unreadable("\(error.message)")
            }
        }
    }
}
