import Hummingbird
import Ledger
import Logging
import Suppression

/// The index as it lies on the disk and the changes over it.
public struct SnapshotAnswer: Codable, Equatable, Sendable {
    /// Keys and entries (one for each source) of the snapshot in use, and how many of those come from lists.
    public var keys: Int
    public var entries: Int
    public var listEntries: Int
    /// Keys that changed since it was written.
    public var changes: Int
    public var mappedBytes: Int
    public var changeBytes: Int
    /// Whether the kernel keeps it in memory for sure.
    public var isLocked: Bool
    public var ledgerPosition: UInt64

    init(_ index: SuppressionIndex) {
        let statistics = index.statistics
        keys = statistics.keys
        entries = statistics.entries
        listEntries = statistics.listEntries
        changes = statistics.changes
        mappedBytes = statistics.mappedBytes
        changeBytes = statistics.changeBytes
        isLocked = statistics.isLocked
        ledgerPosition = index.ledgerPosition
    }
}

extension AdminAPI {
    func status(_ call: AdminCall) async throws -> AdminAnswer {
        try await Background.run { try AdminAnswer(try GateStatus(parts)) }
    }

    func reload(_ call: AdminCall) async throws -> AdminAnswer {
        try await Background.run {
            try announce("reload", call.caller, nil)
            try reloader.reload()
            return try AdminAnswer(try GateStatus(parts))
        }
    }

    func snapshot(_ call: AdminCall) async throws -> AdminAnswer { try AdminAnswer(SnapshotAnswer(parts.index)) }

    /// Writes the changes into a new snapshot now, instead of when they are worth it.
    func compact(_ call: AdminCall) async throws -> AdminAnswer {
        try await Background.run {
            guard parts.index.isReady else { throw Problem(.serviceUnavailable, "the index is not loaded", "wait until /ready says so") }
            try announce("compaction", call.caller, nil)
            do throws(SuppressionError) {
                try parts.index.compact()
            } catch .busy {
                throw Problem(.conflict, "busy", "a compaction or the load of a list is under way; wait for its end")
            }
            return try AdminAnswer(SnapshotAnswer(parts.index))
        }
    }

    func verify(_ call: AdminCall) async throws -> Response {
        guard verifying.enter() else {
            throw Problem(.conflict, "busy", "another verification is under way; wait for its end")
        }
        return WorkStream.response { report in
            defer { verifying.leave() }
            try announce("verification", call.caller, nil)
            return try InstallationVerification.run(parts) { phase, done, total in _ = report(WorkStep(phase: phase, done: done, total: total)) }
        }
    }
}
