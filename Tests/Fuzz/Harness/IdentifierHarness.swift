import Bytes
import Recipients

/// An identifier as a sender may spell it.
///
/// - A recipient has keys, or a reason why not.
/// - The normal form of a normal form is itself, and shares a key with every spelling it came from.
/// - A send in this spelling meets an opt-out in this spelling: the invariant of ``CanonicalIdentifier``.
/// - What is shown of it is short and plain.
enum IdentifierHarness {
    private static let manyRegions: NormalisationRules = {
        do { return try NormalisationRules(defaultRegions: ["US", "GB", "BR", "AR"]) } catch { fatalError("\(error)") }
    }()

    static func run(_ input: UnsafeBufferPointer<UInt8>, kind: IdentifierKind) throws(Violation) {
        for rules in [Fixture.rules, manyRegions] { try check(input, kind, rules) }
        var shown = GrowableBytes()
        IdentifierMask.append(input.span, kind: kind, to: &shown)
        try require(shown.count <= 260 && shown.bytes.allSatisfy { (0x21...0x7e).contains($0) }, "the mask")
    }

    private static func check(
        _ input: UnsafeBufferPointer<UInt8>, _ kind: IdentifierKind, _ rules: NormalisationRules
    ) throws(Violation) {
        var normaliser = Normaliser(rules: rules, secret: Fixture.secret)
        var keys = CandidateKeys(), formKeys = CandidateKeys(), stored = CandidateKeys()
        var form = GrowableBytes(), again = GrowableBytes()
        let text = String(validating: input, as: UTF8.self)
        let identifier = text.flatMap { try? CanonicalIdentifier(parsing: $0, kind: kind, rules: rules) }
        let spelling: Spelling
        do throws(IdentifierProblem) {
            spelling = try normaliser.keys(of: input.span, kind: kind, into: &keys, normalForm: &form)
        } catch {
            try require(form.isEmpty, "a form of what is none")
            try require(identifier == nil, "refused in a send (\(error)), taken for an opt-out")
            return
        }
        try require(!keys.isEmpty && !form.isEmpty, "neither keys nor a reason")
        if kind == .phone, spelling == .agreed { try require(input.allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "agreed outside of ASCII") }

        do throws(IdentifierProblem) { _ = try normaliser.keys(of: form.bytes.span, kind: kind, into: &formKeys, normalForm: &again) } catch {
            throw Violation(description: "the normal form \(string(form)) is refused: \(error)")
        }
        try require(form.bytes.elementsEqual(again.bytes), "the normal form of \(string(form)) is \(string(again))")
        try require(meets(keys, formKeys), "\(string(form)) shares no key with its spelling")

        do throws(IdentifierProblem) { try normaliser.storedKeys(of: input.span, kind: kind, into: &stored) } catch {
            throw Violation(description: "no opt-out can be stored: \(error)")
        }
        try require(meets(keys, stored), "a send passes its own opt-out")
        guard let text else { return }
        guard let identifier else { throw Violation(description: "\(text) is no identifier to the control plane") }
        let kept = identifier.keys(secret: Fixture.secret)
        try require(Set(kept) == Set(stored.indices.map { stored[$0] }), "lists and the ledger store different keys")
        guard let reread = try? CanonicalIdentifier(parsing: identifier.text, kind: kind, rules: rules) else {
            throw Violation(description: "\(identifier.text) cannot be read again")
        }
        try require(reread.text == identifier.text && reread.normalForm == identifier.normalForm, "\(identifier.text), then \(reread.text)")
    }

    private static func meets(_ one: CandidateKeys, _ other: CandidateKeys) -> Bool {
        one.indices.contains { other.contains(one[$0]) }
    }

    private static func string(_ bytes: borrowing GrowableBytes) -> String { String(decoding: bytes.bytes, as: UTF8.self) }
}
