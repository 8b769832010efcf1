public import Bytes

/// Why a body, a query or its Content-Type was refused: the rule that was broken and the byte where it shows.
///
/// The rules are those of docs/hardening.md sections 2.4 to 2.6: what passes lies in the subset that all parsers read alike.
public struct BodyFault: Error, Equatable, Sendable {
    public let cause: Cause
    /// Offset into the bytes that were scanned (the decoded body when it came under gzip).
    public let offset: Int
    /// For ``Cause/duplicateKey``: where the first of the two keys begins.
    public let earlier: Int?

    public init(_ cause: Cause, at offset: Int, earlier: Int? = nil) {
        self.cause = cause
        self.offset = offset
        self.earlier = earlier
    }

    /// The HTTP status to answer with: 400, 413 or 415.
    public var status: Int { cause.status }

    /// Appends one sentence that says what is wrong, where, and how to mend it. Allocates only while `out` grows.
    public func write(into out: inout GrowableBytes) {
        out.append(cause.sentence)
        out.append(", at byte ")
        out.append(decimal: offset)
        if let earlier {
            out.append(" (first at byte ")
            out.append(decimal: earlier)
            out.append(")")
        }
        out.append(".")
    }
}

extension BodyFault: CustomStringConvertible {
    public var description: String {
        "\(cause.sentence), at byte \(offset)" + (earlier.map { " (first at byte \($0))" } ?? "") + "."
    }
}

extension BodyFault {
    /// A failed gzip body, as a fault at the byte of the coded body where it shows, as far as that is known.
    public init(_ fault: GzipFault) {
        switch fault {
        case .corrupt: self.init(.gzipCorrupt, at: 0)
        case .truncated: self.init(.gzipTruncated, at: 0)
        case .trailingBytes(let offset): self.init(.gzipTrailingBytes, at: offset)
        case .tooLong(let limit): self.init(.gzipTooLong, at: limit)
        case .ratio: self.init(.gzipRatio, at: 0)
        }
    }
}
