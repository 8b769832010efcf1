/// What a head parser made of the bytes it was shown.
public enum H1ParseStep: Equatable, Sendable {
    /// The head is not complete. Call again with the same bytes and more behind them.
    case needMore
    /// The head is complete and took the first `consumed` bytes; the body or the next message follows.
    case done(consumed: Int)
    /// The message is refused. Answer, then close: nothing behind this point can be trusted.
    case failed(HTTPFault)
}
