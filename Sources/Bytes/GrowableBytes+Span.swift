extension GrowableBytes {
    /// Lends the bytes to `body`. They cannot be kept and the block cannot change meanwhile.
    @inlinable
    public borrowing func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(Span(_unsafeElements: bytes))
    }
}
