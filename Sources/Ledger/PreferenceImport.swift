import Foundation

/// Imports a file of opt-outs, CSV or NDJSON. Streams: memory does not grow with the file, but for 8 bytes a row
/// in a dry run. Importing the same file again changes nothing,
/// so an import that was interrupted is simply run again.
public struct PreferenceImport {
    private let ledger: PreferenceLedger
    private let identifiers: IdentifierReader
    private let options: ImportOptions

    static let batchSize = 4000
    private static let chunkSize = 1 << 18

    public init(ledger: PreferenceLedger, identifiers: IdentifierReader, options: ImportOptions) {
        self.ledger = ledger
        self.identifiers = identifiers
        self.options = options
    }

    /// - Parameter rejected: gets every row that was not imported, in order.
    /// - Parameter progress: called after every batch, and at the end.
    /// - Returns: the totals. A row with two identifiers makes two events.
    /// - Throws: ``ImportFailure``, ``LedgerFailure``, and what `rejected` throws. What was recorded before that stays.
    @discardableResult
    public func run(
        path: String, rejected: (RejectedRow) throws -> Void, progress: (ImportProgress) -> Void = { _ in }
    ) throws -> ImportProgress {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        return try run({ Array(try file.read(upToCount: Self.chunkSize) ?? Data()) }, rejected: rejected, progress: progress)
    }

    /// Imports from anything that gives bytes.
    /// - Parameter more: the next bytes, and none at the end.
    @discardableResult
    public func run(
        _ more: @escaping () throws -> [UInt8], rejected: (RejectedRow) throws -> Void, progress: (ImportProgress) -> Void = { _ in }
    ) throws -> ImportProgress {
        let started = ContinuousClock.now
        var reader = try ImportReader(more, options: options)
        let row = ImportRow(options: options, identifiers: identifiers)
        var totals = ImportProgress()
        var dryRunSeen: Set<Int> = []
        var batch: [PreferenceEvent] = []
        while let record = try reader.next() {
            totals.rows += 1
            do {
                batch += try row.events(try record.fields.get())
            } catch let fault {
                totals.rejected += 1
                try rejected(RejectedRow(line: record.line, cause: fault.cause, text: String(decoding: record.raw, as: UTF8.self)))
            }
            totals.bytes = reader.consumed
            if batch.count >= Self.batchSize {
                try flush(&batch, &totals, &dryRunSeen)
                progress(totals)
            }
            if let failure = exceeded(totals, line: record.line, started) {
                try flush(&batch, &totals, &dryRunSeen)
                throw failure
            }
        }
        try flush(&batch, &totals, &dryRunSeen)
        totals.bytes = reader.consumed
        progress(totals)
        return totals
    }

    /// - Parameter dryRunSeen: hashes of the ids that a dry run would have recorded.
    private func flush(_ batch: inout [PreferenceEvent], _ totals: inout ImportProgress, _ dryRunSeen: inout Set<Int>) throws {
        defer { batch.removeAll(keepingCapacity: true) }
        let isNew: [Bool]
        if options.isDryRun {
            let known = try ledger.knownIDs(batch.map(\.id))
            isNew = batch.map { !known.contains($0.id) && dryRunSeen.insert($0.id.hashValue).inserted }
        } else {
            isNew = try ledger.append(contentsOf: batch).map(\.isNew)
        }
        totals.added += isNew.count { $0 }
        totals.known += isNew.count { !$0 }
    }

    private func exceeded(_ totals: ImportProgress, line: Int, _ started: ContinuousClock.Instant) -> ImportFailure? {
        let limits = options.limits
        if totals.rejected > limits.rejectedRows { return .tooManyRejected(limit: limits.rejectedRows, line: line) }
        if totals.rows > limits.rows { return .tooManyRows(limit: limits.rows) }
        if totals.bytes > limits.bytes { return .tooManyBytes(limit: limits.bytes) }
        if totals.rows % 1000 == 0, ContinuousClock.now - started > .seconds(limits.seconds) { return .tooSlow(seconds: limits.seconds) }
        return nil
    }
}
