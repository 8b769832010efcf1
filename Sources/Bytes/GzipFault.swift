/// Why a gzip body was refused.
public enum GzipFault: Error, Equatable, Sendable {
    /// The bytes are not gzip, or its header, blocks, checksum or length are wrong.
    case corrupt
    /// The member ends before its trailer.
    case truncated
    /// The member is whole and bytes follow it (a second member among them). `offset` is the first of them.
    case trailingBytes(offset: Int)
    /// The decoded body would pass the caller's limit.
    case tooLong(limit: Int)
    /// The decoded body would pass ``GzipDecoder/greatestRatio`` times the coded one.
    case ratio
}
