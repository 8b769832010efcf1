/// What ``ChunkedDecoder`` made of the bytes it was shown.
public enum ChunkStep: Equatable, Sendable {
    /// Payload lies in this range of the input (never empty). Go on behind its end.
    case payload(Range<Int>)
    /// The whole input is used up and the body is not at its end.
    case needMore
    /// The body, trailers included, ends with the first `consumed` bytes.
    case done(consumed: Int)
    /// The body is refused. Answer, then close.
    case failed(HTTPFault)
}
