/// Why the engine itself ended a request, with whose fault it is in the status: 4xx the client's, 502 and 504 the
/// provider's, 503 ours.
public enum ExchangeFailure: UInt8, Error, CaseIterable, Sendable {
    // The client's.
    case malformed, fieldsTooLarge, bodyTimeout, bodyTooSlow, misdirected
    // The provider's.
    case unresolved, connectFailed, connectTimeout, tlsFailed, firstByteTimeout, totalTimeout, connectionLost, malformedResponse
    // Ours.
    case overloaded, parkTimeout, pendingFull, draining

    public var status: Int {
        switch self {
        case .malformed: 400
        case .fieldsTooLarge: 431
        // Not 408: SDKs retry that.
        case .bodyTimeout, .bodyTooSlow: 400
        case .misdirected: 421
        case .unresolved, .connectFailed, .tlsFailed, .connectionLost, .malformedResponse: 502
        case .connectTimeout, .firstByteTimeout, .totalTimeout: 504
        case .overloaded, .parkTimeout, .pendingFull, .draining: 503
        }
    }

    /// The stable name for metrics, logs and evidence.
    public var label: StaticString {
        switch self {
        case .malformed: "malformed"
        case .fieldsTooLarge: "fields_too_large"
        case .bodyTimeout: "body_timeout"
        case .bodyTooSlow: "body_too_slow"
        case .misdirected: "misdirected"
        case .unresolved: "unresolved"
        case .connectFailed: "connect_failed"
        case .connectTimeout: "connect_timeout"
        case .tlsFailed: "tls_failed"
        case .firstByteTimeout: "first_byte_timeout"
        case .totalTimeout: "total_timeout"
        case .connectionLost: "connection_lost"
        case .malformedResponse: "malformed_response"
        case .overloaded: "overloaded"
        case .parkTimeout: "park_timeout"
        case .pendingFull: "pending_full"
        case .draining: "draining"
        }
    }

    /// One sentence for whoever reads the error.
    public var message: StaticString {
        switch self {
        case .malformed: "The request is malformed."
        case .fieldsTooLarge: "The request's header fields are too large."
        case .bodyTimeout: "The request body did not arrive in time."
        case .bodyTooSlow: "The request body arrived too slowly."
        case .misdirected: "The Host does not match the TLS server name or is not served here."
        case .unresolved: "The provider's host name could not be resolved. Nothing was sent."
        case .connectFailed: "The provider could not be reached. Nothing was sent."
        case .connectTimeout: "The provider did not accept a connection in time. Nothing was sent."
        case .tlsFailed: "The provider's TLS certificate or handshake was refused. Nothing was sent."
        case .firstByteTimeout: "The provider did not answer in time. The message may have been accepted: do not resend blindly."
        case .totalTimeout: "The provider's answer took too long. The message may have been accepted: do not resend blindly."
        case .connectionLost: "The provider closed the connection without an answer. The message may have been accepted: do not resend blindly."
        case .malformedResponse: "The provider's answer was malformed. The message may have been accepted: do not resend blindly."
        case .overloaded: "The gate is overloaded. Nothing was sent; try again later."
        case .parkTimeout: "The gate could not record its decision in time. Nothing was sent."
        case .pendingFull: "Too many requests wait for this provider. Nothing was sent; try again later."
        case .draining: "The gate is shutting down. Nothing was sent; try again."
        }
    }
}
