import Bytes

/// Turns a recipient as a sender spelled it into the keys to look up. One per worker; not for sharing between threads.
///
/// What the lookup must know is in ``CanonicalIdentifier``: for every spelling of an identifier, the keys from here and the
/// keys stored for an opt-out of it have at least one in common.
///
/// ```swift
/// var normaliser = Normaliser(rules: rules, secret: secret)
/// var keys = CandidateKeys()
/// let spelling = try normaliser.keys(of: bytes, kind: .phone, into: &keys)
/// ```
public struct Normaliser: Sendable {
    public let rules: NormalisationRules
    private let secret: DigestSecret
    private let phones: PhoneReader
    private let forms: MailForms
    private var address = MailAddress()

    public init(rules: NormalisationRules, secret: DigestSecret) {
        self.init(rules: rules, secret: secret, usesFastPath: true)
    }

    /// - Parameter usesFastPath: `false` sends every phone number through libphonenumber, for the tests.
    init(rules: NormalisationRules, secret: DigestSecret, usesFastPath: Bool) {
        self.rules = rules
        self.secret = secret
        phones = PhoneReader(rules: rules, usesFastPath: usesFastPath)
        forms = MailForms(rules: rules)
    }

    /// Replaces `keys` by those of every reading of `identifier`.
    ///
    /// - Parameter identifier: the recipient's bytes after the body's own decoding (JSON escapes, percent signs, ...), with
    ///   nothing else around it. A phone number in 256 bytes, a mailbox in 2,048, anything else in 4,096.
    /// - Returns: whether the bytes may be forwarded. After ``Spelling/unusual`` the caller must refuse the send.
    /// - Throws: when no recipient can be read. `keys` are then of no use and the caller must refuse the send.
    /// - Complexity: linear. No allocation for ASCII e-mail addresses and for numbers that ``NumberingPlan`` settles; some
    ///   microseconds and allocations inside libphonenumber, libidn2 or libunistring for the others.
    public mutating func keys(
        of identifier: Span<UInt8>, kind: IdentifierKind, into keys: inout CandidateKeys
    ) throws(IdentifierProblem) -> Spelling {
        keys.removeAll()
        switch kind {
        case .phone: return try phoneKeys(of: identifier, into: &keys)
        case .email: return try mailKeys(of: identifier, into: &keys)
        case .pushToken, .postal, .external:
            let bytes = identifier.extracting(try OpaqueIdentifier.trimmed(identifier))
            try keys.insert(OpaqueIdentifier.key(of: bytes, kind: kind, secret: secret))
            return .agreed
        }
    }

    private func phoneKeys(
        of identifier: Span<UInt8>, into keys: inout CandidateKeys
    ) throws(IdentifierProblem) -> Spelling {
        guard identifier.count > 0 else { throw .empty }
        var readings = PhoneReadings()
        let spelling: Spelling
        if identifier.count <= 64, let dialled = PlainPhone.digits(in: identifier) {
            try phones.readings(of: dialled, into: &readings)
            spelling = .agreed
        } else {
            try readAll(try PhoneText(identifier).alternatives, into: &readings)
            spelling = .unusual
        }
        for index in readings.indices { try keys.insert(RecipientKey(phone: readings[index], secret: secret)) }
        return spelling
    }

    /// The readings of all alternatives. It is enough that one of them is a number.
    private func readAll(
        _ alternatives: [DialledDigits], into readings: inout PhoneReadings
    ) throws(IdentifierProblem) {
        var problem: IdentifierProblem?
        for dialled in alternatives {
            do throws(IdentifierProblem) {
                try phones.readings(of: dialled, into: &readings)
            } catch .tooManyReadings {
                throw .tooManyReadings
            } catch {
                problem = problem ?? error
            }
        }
        if readings.count == 0, let problem { throw problem }
    }

    private mutating func mailKeys(
        of identifier: Span<UInt8>, into keys: inout CandidateKeys
    ) throws(IdentifierProblem) -> Spelling {
        let spelling = try address.read(identifier)
        try forms.all(of: address) { form throws(IdentifierProblem) in
            try keys.insert(RecipientKey(kind: .email, normalised: form, secret: secret))
        }
        return spelling
    }
}
