public import Bytes

/// One header field of a MIME message, as it stands in its head. No references.
public struct MIMEField: Equatable, Sendable {
    /// What the field is to a server that looks for recipients.
    public enum Role: UInt8, Sendable, CaseIterable {
        case to, cc, bcc, resentTo, resentCc, resentBcc
        /// A header of the standards or of wide use that no server sends to.
        case known
        /// Any other. Its text is to be searched for suppressed addresses.
        case unknown

        /// Whether every address in it is a recipient.
        @inlinable public var isRecipient: Bool { rawValue < Role.known.rawValue }
    }

    public internal(set) var role: Role
    public internal(set) var name: ByteRange
    /// All between the colon and the line end of the last line, folds included.
    public internal(set) var value: ByteRange
    /// The whole field with its line ends: what goes when the field is taken out.
    public internal(set) var line: ByteRange
}
