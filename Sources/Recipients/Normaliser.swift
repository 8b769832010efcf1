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
    private var address: MailAddress

    public init(rules: NormalisationRules, secret: DigestSecret) {
        self.init(rules: rules, secret: secret, usesFastPath: true)
    }

    /// - Parameter usesFastPath: `false` sends every phone number through libphonenumber and takes every address apart, for
    ///   the tests.
    init(rules: NormalisationRules, secret: DigestSecret, usesFastPath: Bool) {
        self.rules = rules
        self.secret = secret
        phones = PhoneReader(rules: rules, usesFastPath: usesFastPath)
        forms = MailForms(rules: rules)
        address = MailAddress(usesFastPath: usesFastPath)
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
            try insertOpaqueKey(of: identifier, kind: kind, into: &keys)
            return .agreed
        }
    }

    /// Replaces `keys` by those an opt-out of `identifier` must be stored under: the same as
    /// ``CanonicalIdentifier/keys(secret:)`` of the same bytes, for lists of millions of rows.
    ///
    /// - Throws: when no identifier can be read; the row must be reported, never dropped.
    /// - Complexity: linear. No allocation for ASCII e-mail addresses and for numbers with a plus that ``NumberingPlan``
    ///   settles. A number without a plus costs microseconds: give the plus where the list's country is known.
    public mutating func storedKeys(
        of identifier: Span<UInt8>, kind: IdentifierKind, into keys: inout CandidateKeys
    ) throws(IdentifierProblem) {
        keys.removeAll()
        switch kind {
        case .phone:
            var readings = PhoneReadings()
            try phones.likelyReadings(in: identifier, into: &readings)
            for index in readings.indices { try keys.insert(RecipientKey(phone: readings[index], secret: secret)) }
        case .email:
            _ = try address.read(identifier)
            try forms.stored(of: address) { head, tail throws(IdentifierProblem) in
                try keys.insert(RecipientKey(kind: .email, normalised: head, tail, secret: secret))
            }
        case .pushToken, .postal, .external: try insertOpaqueKey(of: identifier, kind: kind, into: &keys)
        }
    }

    private func phoneKeys(
        of identifier: Span<UInt8>, into keys: inout CandidateKeys
    ) throws(IdentifierProblem) -> Spelling {
        var readings = PhoneReadings()
        let spelling = try phones.readings(in: identifier, into: &readings)
        for index in readings.indices { try keys.insert(RecipientKey(phone: readings[index], secret: secret)) }
        return spelling
    }

    private mutating func mailKeys(
        of identifier: Span<UInt8>, into keys: inout CandidateKeys
    ) throws(IdentifierProblem) -> Spelling {
        let spelling = try address.read(identifier)
        try forms.all(of: address) { head, tail throws(IdentifierProblem) in
            try keys.insert(RecipientKey(kind: .email, normalised: head, tail, secret: secret))
        }
        return spelling
    }

    private func insertOpaqueKey(
        of identifier: Span<UInt8>, kind: IdentifierKind, into keys: inout CandidateKeys
    ) throws(IdentifierProblem) {
        let bytes = identifier.extracting(try OpaqueIdentifier.trimmed(identifier))
        try keys.insert(OpaqueIdentifier.key(of: bytes, kind: kind, secret: secret))
    }
}
