/// What one non-blocking TLS call achieved. Waiting is a result, not an error.
public enum TLSStep: Equatable, Sendable {
    /// The call did its work: so many bytes of plaintext were read or taken. A finished handshake or shutdown moves 0.
    case moved(Int)
    /// The transport has no more ciphertext now. When it is not `drained`, its receive budget ran out: call again next turn.
    case wantsRead
    /// The peer ended its side properly, with close_notify.
    case closed
    /// The connection is lost: ``TLSStream/failure`` says why. An alert for the peer may lie in the output.
    case failed
}
