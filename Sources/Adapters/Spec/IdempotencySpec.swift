/// How a retry says that it is one.
public enum IdempotencySpec: Sendable, Hashable {
    /// A request header. In lower case.
    case header(String)
    /// A place in the body.
    case at(String)
}
