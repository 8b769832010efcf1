import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Lists
import Policy
import Recipients
import Suppression
import Synchronization

/// What a rotation waits for.
public struct RotationReceipt: Codable, Equatable, Sendable {
    public var lists: [String]
    public var droppedLists: [String]
    /// The exchange is made when the gate starts next.
    public var atNextStart: Bool

    public init(lists: [String], droppedLists: [String]) {
        self.lists = lists
        self.droppedLists = droppedLists
        atNextStart = true
    }
}

/// How the digest secret is to be exchanged.
public struct RotationOrder: Codable, Equatable, Sendable {
    /// Source files of lists that are not where they were loaded from, by the list's name.
    public var sources: [String: String]?
    /// Lists to give up.
    public var dropLists: [String]?
    public init() {}
}

/// Where a backup was written to.
public struct BackupReceipt: Codable, Equatable, Sendable {
    public var directory: String
    public var ledgerPosition: UInt64
    public var lists: [String]
}

extension AdminAPI {
    func addListRoutes(_ v1: RouterGroup<AdminContext>) {
        v1.get("lists") { _, _ in try Answer.json(try await Background.run { ListsAnswer(try parts.lists.describe()) }) }
        v1.post("lists/:name") { try await loadList($0, $1) }
        v1.post("lists/:name/rollback") { request, context in
            let name = try context.parameters.require("name")
            return try await change("list-rollback", name, context) { ListAnswer(try parts.lists.rollback(name), current: true) }
        }
        v1.delete("lists/:name") { request, context in
            let name = try context.parameters.require("name")
            return try await change("list-remove", name, context) {
                try parts.lists.remove(name)
                return ListsAnswer(try parts.lists.describe())
            }
        }
        v1.post("backup") { try await backup($0, $1) }
        v1.post("rotation") { try await rotate($0, $1) }
    }

    /// Loads the file that the body names, telling line by line how far it is.
    private func loadList(_ request: Request, _ context: AdminContext) async throws -> Response {
        let name = try context.parameters.require("name"), caller = try caller(context)
        let order: ListOrder = try await decoded(request, context)
        let options: ListOptions
        do throws(SuppressionOrder.Mistake) { options = try order.options() } catch {
            throw Problem(.unprocessableContent, "a field is wrong", error.what, at: error.field)
        }
        return stream { report in
            try announce("list-load", caller, "\(name) \(order.path)")
            let result = try parts.lists.load(name, file: order.path, options: options, rejectedRows: order.rejectedRows) { report($0, nil) }
            if case .loaded = result { try parts.committer.settle() }
            return ListReceipt(result, enforced: true)
        }
    }

    /// Makes a change that may lift suppressions: no evidence, no change.
    private func change(
        _ what: String, _ name: String, _ context: AdminContext, _ body: @escaping @Sendable () throws -> some Encodable & Sendable
    ) async throws -> Response {
        let caller = try caller(context)
        return try Answer.json(try await Background.run {
            try announce(what, caller, name)
            let answer = try body()
            try parts.committer.settle()
            return AnswerValue(answer)
        })
    }

    private func announce(_ what: String, _ caller: AdminCaller, _ detail: String) throws {
        do {
            try parts.events.announce(what, actor: caller.name, detail: detail)
        } catch {
            throw Problem(.serviceUnavailable, "no evidence, no change", "the audit log takes no records (\(error)); mend it first")
        }
    }

    /// Writes ledger and lists to a new directory on the gate's machine.
    private func backup(_ request: Request, _ context: AdminContext) async throws -> Response {
        struct Order: Codable { var directory: String }
        let caller = try caller(context)
        let order: Order = try await decoded(request, context)
        guard order.directory.hasPrefix("/") else {
            throw Problem(.unprocessableContent, "a field is wrong", "'\(order.directory)' does not begin at the root", at: "directory")
        }
        return try Answer.json(try await Background.run {
            try announce("backup", caller, order.directory)
            return try InstallationBackup.write(to: order.directory, ledger: parts.ledger, lists: parts.lists)
        })
    }

    /// Prepares another digest secret, for the next start.
    private func rotate(_ request: Request, _ context: AdminContext) async throws -> Response {
        let caller = try caller(context)
        let order: RotationOrder = try await decoded(request, context)
        return stream { report in
            try announce("secret-rotation", caller, "prepare")
            return try InstallationRotation.prepare(
                order, storage: parts.startSettings.storage, ledger: parts.ledger, lists: parts.lists, rules: parts.current.identifiers,
                progress: { report($1, $0) })
        }
    }

    private func decoded<T: Decodable>(_ request: Request, _ context: AdminContext) async throws -> T {
        var request = request
        let body = try await request.collectBody(upTo: context.maxUploadSize)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode(T.self, from: Data(body.readableBytesView)) } catch {
            throw Problem(.badRequest, "not an order", "the body is no JSON object of the members that docs/operations.md names, or one is missing")
        }
    }

    /// Answers at once, and then line by line. A client that hangs up cancels.
    private func stream<R: Codable & Sendable>(
        _ work: @escaping @Sendable (_ report: @escaping @Sendable (ListProgress, String?) -> Bool) throws -> R
    ) -> Response {
        let (lines, sink) = AsyncStream<WorkLine<R>>.makeStream(bufferingPolicy: .unbounded)
        let isGone = FlagCell()
        let running = Task {
            let last: WorkLine<R>
            do {
                let result = try await Background.run {
                    try work { progress, label in
                        sink.yield(WorkLine(step: .init(progress, label: label)))
                        return !isGone.isSet
                    }
                }
                last = WorkLine(done: result)
            } catch {
                last = WorkLine(failed: "\((error as? Problem)?.detail ?? "\(error)")")
            }
            sink.yield(last)
            sink.finish()
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: .init { writer in
                do {
                    for await line in lines { try await writer.write(ByteBuffer(bytes: try Answer.encode(line) + Data("\n".utf8))) }
                    try await writer.finish(nil)
                } catch {
                    isGone.set()
                    await running.value
                    throw error
                }
            })
    }
}

/// A flag that one thread sets and others read.
private final class FlagCell: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
