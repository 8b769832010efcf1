import Foundation
import HTTPTypes
import Hummingbird
public import Ledger
import Logging
import Recipients
import Synchronization

/// What an import did.
public struct ImportReceipt: Codable, Equatable, Sendable {
    public struct Row: Codable, Equatable, Sendable {
        public var line: Int
        public var cause: String

        public init(line: Int, cause: String) {
            self.line = line
            self.cause = cause
        }
    }

    public var rows: Int
    public var added: Int
    public var known: Int
    public var rejected: Int
    /// The first of the rejected rows.
    public var rejectedRows: [Row]
    public var dryRun: Bool
    /// Whether every event loop has passed the changes.
    public var enforced: Bool

    /// How many rejected rows an answer names.
    public static let rowLimit = 1000

    public init(_ progress: ImportProgress, rejectedRows: [Row], dryRun: Bool, enforced: Bool) {
        rows = progress.rows
        added = progress.added
        known = progress.known
        rejected = progress.rejected
        self.rejectedRows = rejectedRows
        self.dryRun = dryRun
        self.enforced = enforced
    }
}

extension AdminAPI {
    /// Imports the CSV file in the body as it comes in.
    func importFile(_ call: AdminCall) async throws -> Response {
        let caller = call.caller, request = call.request, query = call.query
        var options = ImportOptions(
            source: query["source"] ?? caller.token?.name ?? "admin-api", actor: .init(kind: .operator, name: query["actor"] ?? caller.name))
        options.isDryRun = try flag(call, "dry_run")
        options.ignoresUnknownColumns = try flag(call, "ignore_unknown_columns")
        do throws(SuppressionOrder.Mistake) {
            options.defaultChannels = try SuppressionOrder.channels(query["channels"].map { $0.split(separator: ",").map(String.init) })
            options.defaultScope = try SuppressionOrder.scope(query["scope"])
        } catch {
            throw Problem(.unprocessableContent, "a parameter is wrong", error.what, at: error.field)
        }
        options.defaultReason = query["reason"]
        let pipe = LockstepPipe<[UInt8]>()
        async let receipt = Background.run { [options] in
            defer { pipe.finish() }
            return try run(options, caller) { try pipe.take() ?? [] }
        }
        var body = request.body.makeAsyncIterator()
        await pipe.serve { try await body.next().map { Array($0.readableBytesView) } }
        return try AdminAnswer(try await receipt).response()
    }

    /// `true` or `false`; a dry run that is misspelt must not become a real one.
    private func flag(_ call: AdminCall, _ name: String) throws -> Bool {
        switch call.query[name] {
        case nil, "false": return false
        case "true": return true
        default: throw Problem(.unprocessableContent, "a parameter is wrong", "write true or false", at: name)
        }
    }

    private func run(_ options: ImportOptions, _ caller: AdminCaller, _ more: @escaping () throws -> [UInt8]) throws -> ImportReceipt {
        if !options.isDryRun {
            do {
                try parts.events.announce("import", actor: caller.name, detail: options.source)
            } catch {
                parts.logger.error("an import runs without an audit record", metadata: ["cause": "\(error)"])
            }
        }
        var rejected: [ImportReceipt.Row] = []
        let progress = try PreferenceImport(ledger: parts.ledger, identifiers: parts.identifiers, options: options).run(
            more, rejected: { if rejected.count < ImportReceipt.rowLimit { rejected.append(.init(line: $0.line, cause: $0.cause)) } })
        if !options.isDryRun { try parts.committer.settle() }
        return ImportReceipt(progress, rejectedRows: rejected, dryRun: options.isDryRun, enforced: !options.isDryRun)
    }

    /// Streams the suppressions in force.
    func export(_ call: AdminCall) async throws -> Response {
        let caller = call.caller, name = call.query["format"] ?? "csv"
        guard let format = PreferenceExport.Format(rawValue: name) else {
            throw Problem(.unprocessableContent, "a parameter is wrong", "'\(name)' is neither csv nor ndjson", at: "format")
        }
        let filter = try filter(call)
        try await Background.run {
            do {
                try parts.events.announce("export", actor: caller.name, detail: name)
            } catch {
                throw Problem(.serviceUnavailable, "no evidence, no export", "the audit log takes no records (\(error)); mend it first")
            }
        }
        let (pieces, sink) = AsyncThrowingStream<String, any Error>.makeStream()
        let ledger = parts.ledger
        let room = DispatchSemaphore(value: 4)
        let export = Task {
            try await Background.run {
                defer { sink.finish() }
                do {
                    try PreferenceExport(ledger: ledger, format: format, filter: filter).run { text in
                        // A reader that went away is noticed by the stream's end, one that is slow by the pieces it leaves.
                        guard room.wait(timeout: .now() + .seconds(60)) == .success else { throw CancellationError() }
                        sink.yield(text)
                    }
                } catch { sink.finish(throwing: error) }
            }
        }
        return Response(
            status: .ok, headers: [.contentType: format == .csv ? "text/csv; charset=utf-8" : "application/x-ndjson"],
            body: .init { writer in
                for try await piece in pieces {
                    try await writer.write(ByteBuffer(string: piece))
                    room.signal()
                }
                try await writer.finish(nil)
                try await export.value
            })
    }
}
