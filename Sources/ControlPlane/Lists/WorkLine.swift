import Foundation
public import Lists

/// One line of an answer that takes a while: how far it is, and at the end what came of it. NDJSON.
public struct WorkLine<Result: Codable & Sendable>: Codable, Sendable {
    public var step: WorkStep?
    public var done: Result?
    /// Why it was given up; nothing was changed then.
    public var failed: String?

    public init(step: WorkStep? = nil, done: Result? = nil, failed: String? = nil) {
        self.step = step
        self.done = done
        self.failed = failed
    }
}

/// How far a long piece of work is.
public struct WorkStep: Codable, Equatable, Sendable {
    /// What is being worked on, where it is more than one thing.
    public var label: String?
    public var phase: String
    public var bytes: Int64
    public var totalBytes: Int64
    public var rows: Int
    public var rejected: Int
    public var rowsPerSecond: Double
    public var secondsLeft: Double?

    public init(_ progress: ListProgress, label: String? = nil) {
        self.label = label
        phase = progress.phase.rawValue
        bytes = progress.bytes
        totalBytes = progress.totalBytes
        rows = progress.rows
        rejected = progress.rejected
        rowsPerSecond = progress.rowsPerSecond.rounded()
        secondsLeft = progress.secondsLeft?.rounded()
    }

    /// Of work that counts neither bytes nor rows: `done` and `total` in its own units.
    public init(phase: String, done: Int64, total: Int64) {
        self.phase = phase
        bytes = done
        totalBytes = total
        rows = 0
        rejected = 0
        rowsPerSecond = 0
    }
}
