public import Bytes

/// The header fields of a request, for slots that stand in one.
public protocol RequestHeaders {
    /// Appends the value of the first field called `name`.
    /// - Parameter name: in lower case.
    /// - Returns: how many fields are called so.
    func append(_ name: Span<UInt8>, to out: inout GrowableBytes) -> Int
}

/// A request of which only path, query and body are known.
public struct NoHeaders: RequestHeaders {
    public init() {}

    public func append(_ name: Span<UInt8>, to out: inout GrowableBytes) -> Int { 0 }
}
