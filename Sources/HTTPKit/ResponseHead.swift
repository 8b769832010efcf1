/// Status and fields of one response, the same for HTTP/1.1 and HTTP/2. Reused from message to message.
public struct ResponseHead: ~Copyable {
    /// 100 to 599.
    public internal(set) var status = 0
    public internal(set) var version = HTTPVersion.http11
    public var fields: FieldBlock
    /// How the body ends. ``BodyFraming/none`` for answers to HEAD, 1xx, 204 and 304, whatever their fields announce.
    public var framing = BodyFraming.none
    /// The announced length, also where no body follows (an answer to HEAD).
    public internal(set) var contentLength: Int?
    /// Whether the connection may carry another request after this response (HTTP/1.x).
    public internal(set) var keepAlive = true

    /// Whether this is a 1xx response: another head follows.
    public var isInterim: Bool { status < 200 }

    /// Pseudo-fields seen so far (HTTP/2), as bits of ``FieldRules``.
    var pseudoFields: UInt8 = 0

    public init(fieldLimit: Int = 200, byteLimit: Int = 98304) {
        fields = FieldBlock(fieldLimit: fieldLimit, byteLimit: byteLimit)
    }

    /// Makes the head ready for the next message. The HTTP/1.1 parser does this by itself.
    public mutating func reset() {
        status = 0
        version = .http11
        framing = .none
        contentLength = nil
        keepAlive = true
        pseudoFields = 0
        fields.reset()
    }

    /// Starts a head of our own.
    public mutating func begin(status: Int) {
        reset()
        self.status = min(max(status, 200), 599)
    }

    /// Announces a body of `count` bytes.
    public mutating func setLength(_ count: Int) {
        framing = .length(count)
        contentLength = count
    }
}
