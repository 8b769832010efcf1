import Dispatch
import Foundation
import Recipients
import Suppression
import Synchronization

/// Reads one bulk file on several threads into one file of keys. One thread at a time reads and cuts; all make keys.
///
/// Memory: a chunk or two a thread, and what ``KeyListWriter`` takes.
final class ListReading: Sendable {
    struct Totals: Sendable {
        var progress = ListProgress()
        var digest: [UInt8] = []
    }

    /// What the threads put together.
    private struct Collected: ~Copyable {
        var writer: KeyListWriter?
        var progress = ListProgress()
        var nextChunk = 0
        /// Rejected rows of chunks whose turn has not come.
        var waiting: [Int: [RejectedListRow]] = [:]
        var firstCause: String?
        var lastReport = 0.0
    }

    private let source: Mutex<ListSource>
    private let collected: Mutex<Collected>
    private let failure = Mutex<ListFailure?>(nil)
    private let options: ListOptions
    private let format: ListFormat
    private let rejects: RejectedListRowFile?
    private let report: @Sendable (ListProgress) -> Bool
    private let started = ContinuousClock.now

    /// - Parameter report: is told how far it is, some ten times a second; `false` cancels.
    init(
        _ source: consuming sending ListSource, _ writer: consuming sending KeyListWriter, options: ListOptions,
        rejects: RejectedListRowFile?, report: @escaping @Sendable (ListProgress) -> Bool
    ) throws(ListFailure) {
        var source = source
        let head = source.head
        if head.isEmpty { throw .empty(path: source.path) }
        format = try ListFormat(head, path: source.path, options: options)
        source.begin(format.scanner, skipping: format.headerBytes, lines: format.headerLines)
        self.options = options
        self.rejects = rejects
        self.report = report
        var collected = Collected(writer: writer)
        collected.progress.totalBytes = source.size
        self.collected = Mutex(collected)
        self.source = Mutex(source)
    }

    /// Reads the whole file.
    /// - Throws: ``ListFailure``; then nothing may be written.
    func run(
        threads: Int, rules: NormalisationRules, secret: DigestSecret
    ) throws(ListFailure) -> Totals {
        // Bad options are told before any thread starts.
        _ = try ListRowReader(format, options: options, rules: rules, secret: secret)
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            do throws(ListFailure) {
                var reader = try ListRowReader(format, options: options, rules: rules, secret: secret)
                while let chunk = try nextChunk() { try collect(reader.read(chunk), of: chunk) }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        var totals = Totals()
        totals.digest = source.withLock { $0.finish() }
        let firstCause = collected.withLock { collected in
            totals.progress = collected.progress
            return collected.firstCause
        }
        totals.progress.seconds = seconds
        try check(totals.progress, firstCause, isEnd: true)
        return totals
    }

    /// The writer with all keys, after ``run(threads:rules:secret:)``; `nil` the second time.
    func takeWriter() -> sending KeyListWriter? { collected.withLock { $0.writer.take() } }

    private var seconds: Double {
        let elapsed = (ContinuousClock.now - started).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    }

    private func nextChunk() throws(ListFailure) -> ListChunk? {
        if failure.withLock({ $0 != nil }) { return nil }
        return try source.withLock { source throws(ListFailure) in
            let chunk = try source.nextChunk()
            let bytes = source.consumed, decoded = source.decoded
            guard decoded <= options.limits.bytes else { throw .tooManyBytes(limit: options.limits.bytes) }
            collected.withLock { $0.progress.bytes = bytes }
            return chunk
        }
    }

    private func collect(_ yield: ListRowReader.Yield, of chunk: ListChunk) throws(ListFailure) {
        try collected.withLock { collected throws(ListFailure) in
            do throws(SuppressionError) {
                try collected.writer?.add(yield.keys.span)
            } catch {
                throw .storage(error)
            }
            collected.progress.rows += yield.rows
            collected.progress.keys += yield.keys.count
            collected.progress.rejected += yield.rejectedCount
            collected.progress.seconds = seconds
            collected.waiting[chunk.number] = yield.rejected
            while let rows = collected.waiting.removeValue(forKey: collected.nextChunk) {
                collected.nextChunk += 1
                collected.firstCause = collected.firstCause ?? rows.first?.cause
                do {
                    try rejects?.write(rows)
                } catch {
                    throw .unreadable(path: "rejected rows", cause: "they cannot be written: \(error.localizedDescription)")
                }
            }
            try check(collected.progress, collected.firstCause ?? yield.rejected.first?.cause, isEnd: false)
            if collected.progress.seconds - collected.lastReport > 0.1 {
                collected.lastReport = collected.progress.seconds
                guard report(collected.progress) else { throw .cancelled }
            }
        }
    }

    private func check(_ progress: ListProgress, _ cause: String?, isEnd: Bool) throws(ListFailure) {
        let limits = options.limits
        guard progress.rows <= limits.rows else { throw .tooManyRows(limit: limits.rows) }
        let isMany = progress.rejected > limits.rejectedRows
            || (progress.rejected > (isEnd ? 100 : 10_000) && Double(progress.rejected) > Double(progress.rows) * limits.rejectedShare)
            || (isEnd && progress.keys == 0 && progress.rejected > 0)
        if isMany { throw .tooManyRejected(rejected: progress.rejected, rows: progress.rows, firstCause: cause ?? "") }
    }
}
