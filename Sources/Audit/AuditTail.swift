/// Follows a log while it is being written.
public final class AuditTail {
    private let reader: LogReader
    private var decoder = EntryDecoder()

    public enum Start: Sendable {
        /// Everything the log holds, then what is added.
        case beginning
        /// Only what is added from now on.
        case end
    }

    /// - Throws: ``AuditFailure/system(_:path:errno:)``.
    public init(directory: String, from start: Start = .end) throws(AuditFailure) {
        let last = start == .end ? try SegmentName.list(directory).last : nil
        reader = LogReader(directory: directory, from: last ?? 1)
        guard last != nil else { return }
        while try reader.next({ _, _, _ in true }) != nil {}
    }

    /// What was added since the last call; empty when nothing was. Ask again after a moment: a log under load grows about
    /// every two milliseconds.
    ///
    /// Lines that cannot be read are left out; ``AuditVerifier`` finds them.
    /// - Parameter limit: entries at most.
    public func read(limit: Int = 1000) throws(AuditFailure) -> [AuditEntry] {
        var entries: [AuditEntry] = []
        while entries.count < limit {
            let step = try reader.next { line, file, number in decoder.take(line, file: file, number: number) }
            guard let step else { break }
            if case .entry(let entry) = step { entries.append(entry) }
        }
        return entries
    }
}
