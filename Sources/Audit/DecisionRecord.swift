import Glibc
import Bytes
public import Recipients

/// One decision on one send, gathered by a worker. A worker owns one and fills it anew for every request: after the first
/// few, nothing is allocated.
///
/// Texts longer than 1 KiB are cut when they are written. Identifiers stand here and in the ring in plain; on disk they are
/// masked and keyed.
@safe public struct DecisionRecord: ~Copyable {
    /// The fields that are text. All may be left out; the log then leaves the field out.
    public enum Text: Int, CaseIterable, Sendable {
        /// The adapter's name, and the endpoint's name within the adapter.
        case provider = 0, endpoint
        /// The program the request was mapped to, and what the sender calls its message class and campaign.
        case program, messageClass, campaign
        /// Why this verdict: a rule's name, or the limit or fault that refused the request.
        case cause
        /// Who sent: the subject of the client's certificate, or its address.
        case client
        /// What was not in order while the verdict was reached, for example a list older than its limit.
        case degraded
        /// When the provider is to send it, as the sender wrote it.
        case scheduled
        /// The call that takes a send for later back, with `{message_id}` where the outcome's message id belongs.
        case cancel
    }

    /// Recipients one record takes.
    public static let maximumRecipients = 1000
    /// Bytes of one identifier.
    public static let maximumIdentifier = 320
    /// Bytes of one recipient's reason; the rest is cut.
    public static let maximumReason = 128

    var head = DecisionHead()
    var texts = TextSlots(count: Text.allCases.count)
    var recipients = GrowableBytes(capacity: 1024)

    public init() {}

    /// Empties the record for the next request.
    public mutating func reset() {
        head = DecisionHead()
        texts.reset()
        recipients.reset(keeping: 64 << 10)
    }

    public var verdict: AuditVerdict {
        get { AuditVerdict(rawValue: head.verdict) ?? .refuse }
        set { head.verdict = newValue.rawValue }
    }
    public var enforcement: AuditEnforcement {
        get { AuditEnforcement(rawValue: head.enforcement) ?? .enforce }
        set { head.enforcement = newValue.rawValue }
    }
    /// The channels the request would have used.
    public var channels: ChannelSet {
        get { ChannelSet(rawValue: head.channels) }
        set { head.channels = newValue.rawValue }
    }
    /// The first 8 bytes of the ruleset's content hash, big-endian; printed as 16 hexadecimal digits. Record the whole hash
    /// in an event whenever a ruleset is published.
    public var ruleset: UInt64 {
        get { head.ruleset }
        set { head.ruleset = newValue }
    }
    /// The position in the ledger up to which the index was applied when the recipients were looked up.
    public var ledgerPosition: UInt64 {
        get { head.ledger }
        set { head.ledger = newValue }
    }
    public var recipientCount: Int { Int(head.recipientCount) }

    public mutating func set(_ field: Text, _ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { texts.set(field.rawValue, $0) }
    }

    public mutating func set(_ field: Text, _ text: StaticString) {
        texts.set(field.rawValue, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    public mutating func set(_ field: Text, _ text: String) {
        var text = text
        text.withUTF8 { texts.set(field.rawValue, $0) }
    }

    /// The SHA-256 of the body as the sender sent it.
    public mutating func setReceivedBody(_ digest: AuditDigest) {
        head.received = digest
        head.hasReceived = true
    }

    /// The SHA-256 of the body as the provider will get it.
    public mutating func setForwardedBody(_ digest: AuditDigest) {
        head.forwarded = digest
        head.hasForwarded = true
    }

    /// Adds one recipient.
    /// - Parameters:
    ///   - identifier: the normalised identifier, at most 320 bytes; empty when it could not be read.
    ///   - reason: a short word for the log; cut at 128 bytes.
    ///   - event: position in the ledger of the suppression that blocked, 0 when there is none or it is not known.
    /// - Returns: `false` when the record is full or the identifier too long. The request then has to be refused.
    public mutating func add(
        _ kind: IdentifierKind, identifier: Span<UInt8>, channel: Channel, verdict: AuditRecipientVerdict,
        reason: Span<UInt8>, event: UInt64 = 0
    ) -> Bool {
        reason.withUnsafeBufferPointer {
            add(kind, identifier: identifier, channel: channel, verdict: verdict, reason: $0, event: event)
        }
    }

    /// Adds one recipient whose reason is a constant.
    public mutating func add(
        _ kind: IdentifierKind, identifier: Span<UInt8>, channel: Channel, verdict: AuditRecipientVerdict,
        reason: StaticString = "", event: UInt64 = 0
    ) -> Bool {
        let reason = UnsafeBufferPointer(start: reason.utf8Start, count: reason.utf8CodeUnitCount)
        return add(kind, identifier: identifier, channel: channel, verdict: verdict, reason: reason, event: event)
    }

    private mutating func add(
        _ kind: IdentifierKind, identifier: Span<UInt8>, channel: Channel, verdict: AuditRecipientVerdict,
        reason: UnsafeBufferPointer<UInt8>, event: UInt64
    ) -> Bool {
        guard recipientCount < Self.maximumRecipients, identifier.count <= Self.maximumIdentifier else { return false }
        let reasonLength = min(reason.count, Self.maximumReason)
        let recipient = RecipientHead(
            event: event, identifier: UInt16(identifier.count), reason: UInt16(reasonLength),
            kind: kind.rawValue, channel: channel.rawValue, verdict: verdict.rawValue)
        let size = MemoryLayout<RecipientHead>.size
        recipients.fill(room: size + identifier.count + reasonLength) { room in
            let target = UnsafeMutableRawPointer(room.baseAddress.unsafelyUnwrapped)
            withUnsafeBytes(of: recipient) {
                if let source = $0.baseAddress { memcpy(target, source, size) }
            }
            identifier.withUnsafeBufferPointer {
                if let source = $0.baseAddress { memcpy(target + size, source, $0.count) }
            }
            if let source = reason.baseAddress { memcpy(target + size + identifier.count, source, reasonLength) }
            return room.count
        }
        head.recipientCount += 1
        return true
    }

    /// Bytes of ring this record takes.
    var ringSize: Int {
        RingEntry.size(body: MemoryLayout<DecisionHead>.stride + texts.total + recipients.count)
    }

    /// Writes the record behind the entry's head.
    func copy(to target: UnsafeMutableRawPointer) {
        var head = head
        head.texts = texts.lengths
        target.storeBytes(of: head, as: DecisionHead.self)
        let end = texts.copy(to: target + MemoryLayout<DecisionHead>.stride)
        let bytes = recipients.bytes
        if let source = bytes.baseAddress, bytes.count > 0 { memcpy(end, source, bytes.count) }
    }
}
