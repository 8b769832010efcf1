import Bytes

/// An identifier as the control plane keeps it: one text for people and the ledger, and the keys of an opt-out.
///
/// **The invariant.** For every spelling `s` of an identifier `i`, under the same rules and secret:
///
/// ```
/// candidates(s) ∩ stored(i) ≠ ∅       Normaliser.keys(of: s)  and  CanonicalIdentifier(i).keys(secret:)
/// ```
///
/// so that a send in any spelling meets the opt-out. For another identifier `j` the two are disjoint, except where one of
/// them covers the other on purpose:
/// - an opt-out of `name@example.com` covers sends to `name+tag@example.com`, not the other way round;
/// - Gmail's dots and tags, and equivalent phone numbers, are one identifier (``normalForm``);
/// - digits without a plus cover every number they may well mean (``otherReadings``);
/// - a postal address covers letters that name more: `1 Main St, 94107` those to everybody there.
public struct CanonicalIdentifier: Sendable, Hashable {
    public let kind: IdentifierKind
    /// E.164 with a plus; an e-mail address in NFKC without case and with A-labels, its tag kept; the words of a
    /// postal address in NFKC without case, one blank between them; anything else trimmed.
    /// Parsing it again gives the same identifier.
    public let text: String
    /// What else a phone number without a plus may mean, in the form of ``text``. An opt-out covers these too, so whoever
    /// keeps ``text`` alone must keep these beside it.
    public let otherReadings: [String]
    /// Identifiers with the same kind and normal form are the same. For a key or an index, not for sending to.
    public let normalForm: String

    private let forms: [[UInt8]]

    /// - Parameters:
    ///   - text: the identifier in any spelling, also in one that a send would be refused for.
    ///   - kind: `nil` to guess: an e-mail address when there is an `@`, else a phone number.
    ///   - rules: the rules under which sends are judged.
    /// - Throws: when no identifier can be read. Its message tells how to mend the text.
    public init(
        parsing text: String, kind: IdentifierKind? = nil, rules: NormalisationRules
    ) throws(IdentifierProblem) {
        let bytes = Array(text.utf8)
        let kind = kind ?? (bytes.contains(UInt8(ascii: "@")) ? .email : .phone)
        switch kind {
        case .phone: try self.init(phone: bytes, rules: rules)
        case .email: try self.init(mail: bytes, rules: rules)
        case .postal: try self.init(postal: bytes)
        case .pushToken, .external: try self.init(opaque: bytes, kind: kind)
        }
    }

    /// The keys an opt-out of this identifier must be stored under, all of them.
    public func keys(secret: DigestSecret) -> [RecipientKey] {
        forms.map { RecipientKey(kind: kind, normalised: $0.span, secret: secret) }
    }

    private init(phone bytes: [UInt8], rules: NormalisationRules) throws(IdentifierProblem) {
        var readings = PhoneReadings()
        try PhoneReader(rules: rules).likelyReadings(in: bytes.span, into: &readings)
        let numbers = readings.indices.map { readings[$0] }
        self.init(
            kind: .phone, text: numbers[0].text, otherReadings: numbers.dropFirst().map(\.text),
            forms: numbers.map { Array("\(NumberEquivalence.normalForm(of: $0).value)".utf8) })
    }

    private init(mail bytes: [UInt8], rules: NormalisationRules) throws(IdentifierProblem) {
        var address = MailAddress()
        _ = try address.read(bytes.span)
        var forms: [[UInt8]] = []
        var normalForm = GrowableBytes()
        try MailForms(rules: rules).stored(of: address, normalForm: &normalForm) { head, tail throws(IdentifierProblem) in
            forms.append(head.indices.map { head[$0] } + tail.indices.map { tail[$0] })
        }
        let text = String(decoding: address.text.bytes, as: UTF8.self)
        self.init(kind: .email, text: text, otherReadings: [], forms: forms)
    }

    private init(postal bytes: [UInt8]) throws(IdentifierProblem) {
        var form = GrowableBytes()
        try PostalText.append(bytes.span, to: &form)
        self.init(kind: .postal, text: String(decoding: form.bytes, as: UTF8.self), otherReadings: [], forms: [Array(form.bytes)])
    }

    private init(opaque bytes: [UInt8], kind: IdentifierKind) throws(IdentifierProblem) {
        var form = Array(bytes[try OpaqueIdentifier.trimmed(bytes.span)])
        if kind == .pushToken, OpaqueIdentifier.isHexToken(form.span) { form = form.map(\.asciiLowercased) }
        self.init(kind: kind, text: String(decoding: form, as: UTF8.self), otherReadings: [], forms: [form])
    }

    /// - Parameter forms: the normal forms, that of `text` first; for e-mail the last is the most inclusive.
    private init(kind: IdentifierKind, text: String, otherReadings: [String], forms: [[UInt8]]) {
        self.kind = kind
        self.text = text
        self.otherReadings = otherReadings
        var unique: [[UInt8]] = []
        for form in forms where !unique.contains(form) { unique.append(form) }
        self.forms = unique
        let main = kind == .email ? unique.last : unique.first
        normalForm = String(decoding: main ?? [], as: UTF8.self)
    }
}
