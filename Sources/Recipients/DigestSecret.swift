/// The installation's secret of 16 bytes, under which every ``RecipientKey`` is made. Without it a key cannot be traced to
/// an identifier; with it, all phone numbers can be tried. Its description never shows it.
public struct DigestSecret: Sendable, CustomStringConvertible, CustomReflectable {
    public static let byteCount = 16

    let low: UInt64
    let high: UInt64

    /// - Parameter bytes: exactly ``byteCount`` bytes from a cryptographic random source.
    /// - Returns: `nil` when there are more or fewer.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (low: UInt64, high: UInt64) = (0, 0)
        for index in 0..<8 {
            words.low |= UInt64(bytes[index]) << UInt64(8 * index)
            words.high |= UInt64(bytes[index + 8]) << UInt64(8 * index)
        }
        (low, high) = words
    }

    public init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    public var description: String { "DigestSecret(hidden)" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
