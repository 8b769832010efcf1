public import Bytes

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
public struct Normaliser: ~Copyable {
    public let rules: NormalisationRules
    private let reader: KeyReader
    /// Opt-outs from any single program, under the same secret.
    public let anyProgram: ProgramKey
    private var address: MailAddress
    /// The normal form, where the caller has no use for it.
    private var form = GrowableBytes(capacity: 512)

    public init(rules: NormalisationRules, secret: DigestSecret) {
        self.init(rules: rules, secret: secret, usesFastPath: true)
    }

    /// - Parameter usesFastPath: `false` sends every phone number through libphonenumber and takes every address apart, for
    ///   the tests.
    init(rules: NormalisationRules, secret: DigestSecret, usesFastPath: Bool) {
        self.rules = rules
        reader = KeyReader(rules: rules, secret: secret, usesFastPath: usesFastPath)
        anyProgram = .any(secret: secret)
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
        form.reset()
        return try reader.keys(of: identifier, kind: kind, &address, into: &keys, normalForm: &form)
    }

    /// The same, and appends to `form` by which name the identifier is known in the ledger and the audit log: E.164 with a
    /// plus, or ``CanonicalIdentifier/normalForm`` of any other kind.
    ///
    /// Of digits that may mean several numbers it is the likeliest, told without libphonenumber where the others can be;
    /// an opt-out of the same digits is then mostly, not always, kept under the same name.
    /// - Parameter form: unchanged when an error is thrown.
    public mutating func keys(
        of identifier: Span<UInt8>, kind: IdentifierKind, into keys: inout CandidateKeys, normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) -> Spelling {
        let start = form.count
        do throws(IdentifierProblem) {
            return try reader.keys(of: identifier, kind: kind, &address, into: &keys, normalForm: &form)
        } catch {
            form.truncate(to: start)
            throw error
        }
    }

    /// Appends to `keys` those of a postal address whose parts stand at `parts` of `text`, in the order in which an opt-out names
    /// them: of all together first, then of every selection. An opt-out that names some of the parts blocks.
    /// - Parameters:
    ///   - parts: six at most.
    ///   - form: gets the normal form of all of them; unchanged when an error is thrown.
    /// - Complexity: linear, times two for each part.
    public mutating func appendPostalKeys(
        ofParts parts: [ByteRange], in text: Span<UInt8>, to keys: inout [RecipientKey], normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) {
        let start = form.count
        do throws(IdentifierProblem) {
            try reader.appendKeys(ofParts: parts, in: text, to: &keys, normalForm: &form)
        } catch {
            form.truncate(to: start)
            throw error
        }
    }

    /// Replaces `keys` by those of every reading of `identifier`, as ``keys(of:kind:into:)`` does, and perhaps of some more
    /// numbers: for text of which nobody says that it is an identifier. Digits cost a few hundred instructions for each
    /// reading, where libphonenumber takes a hundred thousand.
    /// - Parameter isDear: set to whether libphonenumber had to be asked all the same, or the text is not ASCII. Bound how
    ///   often that may be.
    /// - Throws: when nothing can be read. After ``IdentifierProblem/tooManyReadings`` the text may still be somebody's.
    public mutating func coveringKeys(
        of identifier: Span<UInt8>, kind: IdentifierKind, into keys: inout CandidateKeys, isDear: inout Bool
    ) throws(IdentifierProblem) {
        form.reset()
        isDear = false
        try reader.coveringKeys(of: identifier, kind: kind, &address, into: &keys, normalForm: &form, &isDear)
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
        form.reset()
        try reader.storedKeys(of: identifier, kind: kind, &address, into: &keys, normalForm: &form)
    }
}
