import Glibc
public import Recipients

/// Something that happened beside the sends: a suppression added or removed, a ruleset published, an administrator's act.
@safe public struct EventRecord: ~Copyable {
    public enum Text: Int, CaseIterable, Sendable {
        /// What happened, one word in lower case with hyphens: "suppression-added".
        case what = 0
        /// Who did it: a person, a token's name, a source.
        case actor
        /// Whatever else has to be known. Never an identifier in plain: that belongs to ``setSubject(_:identifier:)``.
        case detail
    }

    var head = EventHead()
    var texts = TextSlots(count: Text.allCases.count)
    private var identifier: InlineArray<320, UInt8> = .init(repeating: 0)

    /// - Parameter what: see ``Text/what``.
    public init(_ what: String) { set(.what, what) }

    /// The channels concerned.
    public var channels: ChannelSet {
        get { ChannelSet(rawValue: head.channels) }
        set { head.channels = newValue.rawValue }
    }
    /// The position in the ledger of the event that this one goes with, 0 for none.
    public var ledgerPosition: UInt64 {
        get { head.ledger }
        set { head.ledger = newValue }
    }

    public mutating func set(_ field: Text, _ text: String) {
        var text = text
        text.withUTF8 { texts.set(field.rawValue, $0) }
    }

    /// Names the person concerned. The log holds the identifier masked and keyed.
    /// - Returns: `false` when the identifier is empty or longer than 320 bytes; the subject is then left out.
    public mutating func setSubject(_ kind: IdentifierKind, identifier bytes: Span<UInt8>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= DecisionRecord.maximumIdentifier else { return false }
        for index in bytes.indices { identifier[index] = bytes[index] }
        head.identifier = UInt16(bytes.count)
        head.kind = kind.rawValue
        return true
    }

    var ringSize: Int { RingEntry.size(body: MemoryLayout<EventHead>.stride + texts.total + Int(head.identifier)) }

    /// Writes the record behind the entry's head.
    func copy(to target: UnsafeMutableRawPointer) {
        var head = head
        head.texts = texts.lengths
        target.storeBytes(of: head, as: EventHead.self)
        let end = texts.copy(to: target + MemoryLayout<EventHead>.stride)
        withUnsafeBytes(of: identifier) {
            if let source = $0.baseAddress { memcpy(end, source, Int(head.identifier)) }
        }
    }
}
