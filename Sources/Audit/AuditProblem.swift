/// The first thing that is wrong with a log.
public struct AuditProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Cause: Hashable, Sendable {
        /// The line is not one that this format's version allows; says why.
        case malformed(String)
        /// A number was skipped, repeated or went backwards.
        case sequence(expected: UInt64, found: UInt64)
        /// The lines since the last seal are not the lines that were sealed.
        case hash(firstLine: Int, lastLine: Int)
        /// The seal does not follow the seal before it.
        case link
        /// The clock of this record is more than five seconds behind that of an earlier one, and no step was recorded.
        case time
        /// The file ends in bytes that no seal covers.
        case unsealed(bytes: Int)
        /// A segment between two others is missing.
        case missingSegment
        /// The log ends before a head that was kept elsewhere.
        case behindHead(AuditHead)
    }

    public var cause: Cause
    /// The segment's file name.
    public var file: String
    /// Counted from 1.
    public var line: Int
    /// Where that line starts in the file, counted from 0.
    public var byte: Int
    /// The record's number, where the line still tells it.
    public var sequence: UInt64?

    public var description: String {
        let place = "\(file) line \(line), byte \(byte)" + (sequence.map { ", seq \($0)" } ?? "")
        switch cause {
        case .malformed(let reason): return "\(place): \(reason)"
        case .sequence(let expected, let found): return "\(place): seq is \(found), expected \(expected)"
        case .hash(let first, let last): return "\(place): lines \(first) to \(last) do not match their seal"
        case .link: return "\(place): this seal does not follow the one before it"
        case .time: return "\(place): time runs backwards by more than 5 s"
        case .unsealed(let bytes): return "\(place): \(bytes) bytes at the end are not sealed"
        case .missingSegment: return "\(place): the segment before this one is missing"
        case .behindHead(let head): return "\(place): the log does not contain the expected head, seq \(head.sequence)"
        }
    }
}
