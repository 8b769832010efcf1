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

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    /// 0 to `bound - 1`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
}
