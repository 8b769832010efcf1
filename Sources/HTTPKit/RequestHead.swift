public import Bytes

/// Start line and fields of one request, the same for HTTP/1.1 and HTTP/2. Reused from message to message; the texts are
/// ranges into ``fields``.
public struct RequestHead: ~Copyable {
    public internal(set) var method = HTTPMethod.other
    public internal(set) var version = HTTPVersion.http11
    public internal(set) var scheme = HTTPScheme.none
    /// The method as sent.
    public internal(set) var methodName = ByteRange(lower: 0, upper: 0)
    /// Path and query as sent, starting with `/`: bytes 0x21 to 0x7e, no fragment.
    public internal(set) var path = ByteRange(lower: 0, upper: 0)
    /// `:authority` or, where there is none, `Host`: a checked host, with a port if one was sent.
    public internal(set) var authority = ByteRange(lower: 0, upper: 0)
    /// How many bytes of ``authority`` are its host; 0 before the head is complete.
    public internal(set) var hostCount = 0
    public var fields: FieldBlock

    /// How the body ends. For HTTP/2: ``BodyFraming/length(_:)`` when announced, else ``BodyFraming/untilEnd``; the session makes
    /// it ``BodyFraming/none`` when HEADERS ended the stream.
    public var framing = BodyFraming.none
    /// Whether the client lets the connection live on after this exchange (HTTP/1.x).
    public internal(set) var keepAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body.
    public internal(set) var expectsContinue = false
    /// Whether the client offered an upgrade (`Upgrade`, `HTTP2-Settings`). It is never taken and the fields are not passed on.
    public internal(set) var offersUpgrade = false

    /// Pseudo-fields seen so far (HTTP/2), as bits of ``FieldRules``.
    var pseudoFields: UInt8 = 0

    public init(fieldLimit: Int = 200, byteLimit: Int = 98304) {
        fields = FieldBlock(fieldLimit: fieldLimit, byteLimit: byteLimit)
    }

    /// Makes the head ready for the next message. The HTTP/1.1 parser does this by itself.
    public mutating func reset() {
        method = .other
        version = .http11
        scheme = .none
        methodName = ByteRange(lower: 0, upper: 0)
        path = ByteRange(lower: 0, upper: 0)
        authority = ByteRange(lower: 0, upper: 0)
        hostCount = 0
        framing = .none
        keepAlive = true
        expectsContinue = false
        offersUpgrade = false
        pseudoFields = 0
        fields.reset()
    }
}
