/// The sizes an HTTP/1.1 head may have, in bytes unless said otherwise. Sources: docs/hardening, section 1.
public struct H1Limits: Hashable, Sendable {
    /// Request or status line, without its CRLF.
    public var startLine: Int
    /// One field line, without its CRLF.
    public var fieldLine: Int
    /// All field lines with their CRLFs.
    public var allFields: Int
    /// Number of fields.
    public var fieldCount: Int
    /// Empty lines before a request line (RFC 9112 section 2.2 asks servers to pass over at least one).
    public var leadingBlankLines: Int

    public init(startLine: Int, fieldLine: Int, allFields: Int, fieldCount: Int, leadingBlankLines: Int) {
        self.startLine = startLine
        self.fieldLine = fieldLine
        self.allFields = allFields
        self.fieldCount = fieldCount
        self.leadingBlankLines = leadingBlankLines
    }

    /// What clients may send: 8 KiB a line, 32 KiB and 100 fields in all, 2 blank lines.
    public static let request = Self(
        startLine: 8192, fieldLine: 8192, allFields: 32768, fieldCount: 100, leadingBlankLines: 2)
    /// What providers may send: 64 KiB and 200 fields in all; one line may take half of it (cookies, policies).
    public static let response = Self(
        startLine: 8192, fieldLine: 32768, allFields: 65536, fieldCount: 200, leadingBlankLines: 0)
}
