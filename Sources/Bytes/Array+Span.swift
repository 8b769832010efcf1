extension Array<UInt8> {
    /// Appends all of `bytes` at once.
    /// - Complexity: O(bytes.count); no allocation while the capacity lasts.
    @inlinable
    public mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
