import Adapters
public import Bytes
public import Recipients

/// One recipient of a send: where it stands, under which key it is known, and what becomes of it.
public struct RecipientFinding: Sendable, Equatable {
    /// What becomes of a recipient.
    public enum Fate: UInt8, Sendable {
        /// May be contacted.
        case allowed
        /// Must not be contacted.
        case blocked
        /// Must not be contacted, but its channel is only monitored: it stays in.
        case wouldBlock
        /// May be contacted, but went with a list that lost its last recipient (the cc of a mail without `to`).
        case dropped
        /// An id only the provider understands, let through by policy.
        case opaque

        /// The word for the audit log.
        public var label: StaticString {
            switch self {
            case .allowed: "allowed"
            case .blocked: "blocked"
            case .wouldBlock: "would-block"
            case .dropped: "dropped"
            case .opaque: "opaque"
            }
        }
    }

    /// Where the text came from.
    public enum Source: UInt8, Sendable { case body, query, path, header }

    /// The identifier's bytes as the client wrote them, quotes not included.
    public var span: ByteRange
    /// Where ``Inspector/normalForms`` has the name under which the ledger and the audit log know it.
    public var normalForm: ByteRange
    /// Where ``Inspector/spellings`` has it as the client wrote it, decoded.
    public var spelling: ByteRange
    public var source: Source
    /// An index into ``Adapters/Endpoint/slots``.
    public var slot: UInt16
    public var kind: IdentifierKind
    /// The channel it would be reached on.
    public var channel: Channel
    /// Every channel a suppression for which blocks it.
    public var channels: ChannelSet
    /// Its first candidate key: the one the audit log records. `nil` for an opaque id.
    public var key: RecipientKey?
    public var fate: Fate
    /// The channels among ``channels`` that are suppressed: why it is blocked.
    public var suppressedOn: ChannelSet
    /// Where its candidate keys stand in the inspector's list.
    @usableFromInline var keys: Range<Int>
    /// For JSON: the tape node that goes with it, and the list that node is an item of; -1 when nothing goes.
    var dropped: Int
    var list: Int
    /// For JSON: the tape node of the value.
    var node: Int
    /// For one of several recipients in a text that may go without the others: an index into ``Inspector/pieces``; -1
    /// elsewhere.
    var piece: Int
    /// For forms: the field of the body or query, the numbers in its name, and which recipient of its text it is; -1 when the
    /// text is one.
    var field = -1
    var numbers = FormPattern.Numbers()
    var part = -1
    /// For one in a text inside of a field: an index into ``Inspector/nests``, -1 elsewhere; which recipient of the text it is;
    /// and whether it may be taken out of it.
    var nest = -1
    var nestItem = 0
    var leavesNest = false
}
