/// What became of one forwarded send. A worker owns one and fills it anew for every outcome.
@safe public struct OutcomeRecord: ~Copyable {
    public enum Result: UInt8, CaseIterable, Sendable {
        /// The provider answered; ``status`` holds its status code.
        case answered = 0
        /// No answer came although the provider may have the send.
        case failed
        /// No byte of the send can have been processed by the provider.
        case unsent

        public var name: String {
            switch self {
            case .answered: "answered"
            case .failed: "failed"
            case .unsent: "unsent"
            }
        }

        public init?(name: some StringProtocol) {
            guard let match = Result.allCases.first(where: { $0.name == name }) else { return nil }
            self = match
        }
    }

    public enum Text: Int, CaseIterable, Sendable {
        /// The provider's message id.
        case message = 0
        /// Why there is no answer.
        case error
    }

    var head = OutcomeHead()
    var texts = TextSlots(count: Text.allCases.count)

    public init() {}

    /// Empties the record for the next outcome.
    public mutating func reset() {
        head = OutcomeHead()
        texts.reset()
    }

    /// The decision that let the send out: ``AuditLane/id(of:)``.
    public var decision: AuditID {
        get { head.decision }
        set { head.decision = newValue }
    }
    public var result: Result {
        get { Result(rawValue: head.result) ?? .failed }
        set { head.result = newValue.rawValue }
    }
    /// The provider's HTTP status, 0 without an answer.
    public var status: UInt16 {
        get { head.status }
        set { head.status = newValue }
    }
    /// Microseconds from the first byte sent upstream to the end of the answer.
    public var latency: UInt64 {
        get { head.latency }
        set { head.latency = newValue }
    }
    /// Bytes of body that went to the provider and came back.
    public var bytesSent: UInt64 {
        get { head.sent }
        set { head.sent = newValue }
    }
    public var bytesReceived: UInt64 {
        get { head.received }
        set { head.received = newValue }
    }

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

    var ringSize: Int { RingEntry.size(body: MemoryLayout<OutcomeHead>.stride + texts.total) }

    /// Writes the record behind the entry's head.
    func copy(to target: UnsafeMutableRawPointer) {
        var head = head
        head.texts = texts.lengths
        target.storeBytes(of: head, as: OutcomeHead.self)
        _ = texts.copy(to: target + MemoryLayout<OutcomeHead>.stride)
    }
}
