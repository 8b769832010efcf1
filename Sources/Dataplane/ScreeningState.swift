import Adapters
import Audit

/// What the screening of sends keeps with a request. References are unmanaged: ``HeldRules`` keeps what they point at.
struct ScreeningState {
    enum Kind: UInt8 { case none, refused, pass, send }

    var kind = Kind.none
    var rules: Unmanaged<HeldRules>?
    var adapter: Unmanaged<Adapter>?
    var adapterIndex = -1
    /// `nil` while the body has to say which endpoint it is.
    var endpoint: Unmanaged<Endpoint>?
    var origin = OriginHandle(index: -1)
    /// Which of the rules' programs the send belongs to; -1 when it names none.
    var program = -1
    /// What only sends of some endpoints have.
    var extras: SendExtras?
    /// The most bytes of decoded body that are taken.
    var bodyLimit = 0
    var isSigned = false
    var isGzip = false
    /// A call that is no send, taken whole because it has to be signed anew.
    var isHeldPass = false
    /// The decision that lets it out, once there is one.
    var decision: AuditID?
    var ticket = AuditTicket.none
    var verdict = AuditVerdict.refuse
    /// The suppressions' version that the verdict holds for.
    var version: UInt64 = 0
    var stripped = 0
    var bodySent = 0
    var received = 0
    /// The provider's message id: the range of the response body or field it was found in was copied here.
    var messageID = InlineText()
    var outcomeStatus = 0
    var parkedAt = MonotonicTime(microseconds: 0)
    /// Why the engine gave up, for the outcome record.
    var failure: ExchangeFailure?

    mutating func reset() { self = ScreeningState() }

    /// Up to 64 bytes kept without an allocation.
    struct InlineText {
        private(set) var count = 0
        private var bytes: InlineArray<64, UInt8> = .init(repeating: 0)

        mutating func set(_ text: Span<UInt8>) {
            count = min(text.count, 64)
            for index in 0..<count { bytes[index] = text[index] }
        }

        func withSpan<R>(_ body: (Span<UInt8>) -> R) -> R { body(bytes.span.extracting(0..<count)) }
    }
}
