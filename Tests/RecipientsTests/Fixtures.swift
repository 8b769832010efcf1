@testable import Recipients

/// Key 00 to 0f.
let testSecret = DigestSecret((0..<16).map { UInt8($0) })!

func rules(_ regions: [String] = ["US"], tags: Bool = true, gmail: Bool = true) -> NormalisationRules {
    try! NormalisationRules(defaultRegions: regions, baseCoversTags: tags, gmailIgnoresDots: gmail)
}

/// What the normaliser says of one spelling.
struct Judgement: Equatable, CustomStringConvertible {
    let keys: Set<RecipientKey>
    let spelling: Spelling?
    let problem: IdentifierProblem?

    init(_ bytes: [UInt8], _ kind: IdentifierKind, _ rules: NormalisationRules, usesFastPath: Bool = true) {
        var normaliser = Normaliser(rules: rules, secret: testSecret, usesFastPath: usesFastPath)
        self.init(bytes, kind, &normaliser)
    }

    init(_ bytes: [UInt8], _ kind: IdentifierKind, _ normaliser: inout Normaliser) {
        var candidates = CandidateKeys()
        do throws(IdentifierProblem) {
            spelling = try normaliser.keys(of: bytes.span, kind: kind, into: &candidates)
            keys = Set(candidates.indices.map { candidates[$0] })
            problem = nil
        } catch {
            (spelling, keys, problem) = (nil, [], error)
        }
    }

    var description: String {
        problem.map { "\($0)" } ?? "\(keys.count) keys, \(spelling.map { "\($0)" } ?? "")"
    }
}

func judge(_ text: String, _ kind: IdentifierKind, _ rules: NormalisationRules = rules()) -> Judgement {
    Judgement(Array(text.utf8), kind, rules)
}

func stored(_ text: String, _ kind: IdentifierKind? = nil, _ rules: NormalisationRules = rules()) -> Set<RecipientKey> {
    guard let identifier = try? CanonicalIdentifier(parsing: text, kind: kind, rules: rules) else { return [] }
    return Set(identifier.keys(secret: testSecret))
}
