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

extension RotationOrder: AdminBody {
    static let members: Set = ["sources", "drop_lists"]
}

extension ListOrder: AdminBody {
    static let members: Set = [
        "path", "kind", "channels", "reason", "columns", "join_columns", "header", "separator", "region", "program", "allow_shrink", "rejected_rows",
    ]
}

/// Where a backup is to go.
struct BackupOrder: AdminBody {
    static let members: Set = ["directory"]
    var directory: String
}

extension AdminAPI {
    func lists(_ call: AdminCall) async throws -> AdminAnswer {
        try await Background.run { try AdminAnswer(ListsAnswer(try parts.lists.describe())) }
    }

    func rollbackList(_ call: AdminCall) async throws -> AdminAnswer {
        let name = try name(call)
        return try await change("list-rollback", name, call) { ListAnswer(try parts.lists.rollback(name), current: true) }
    }

    func removeList(_ call: AdminCall) async throws -> AdminAnswer {
        let name = try name(call)
        return try await change("list-remove", name, call) {
            try parts.lists.remove(name)
            return ListsAnswer(try parts.lists.describe())
        }
    }

    /// Loads the file that the body names, telling line by line how far it is.
    func loadList(_ call: AdminCall) async throws -> Response {
        let name = try name(call), order: ListOrder = try await call.withBody().order()
        let options: ListOptions
        do throws(SuppressionOrder.Mistake) { options = try order.options() } catch {
            throw Problem(.unprocessableContent, "a field is wrong", error.what, at: error.field)
        }
        if let path = order.rejectedRows { try Self.checkRejectedRows(path) }
        return WorkStream.response { report in
            try announce("list-load", call.caller, "\(name) \(order.path)")
            let result = try parts.lists.load(name, file: order.path, options: options, rejectedRows: order.rejectedRows) { report(.init($0)) }
            if case .loaded = result { try parts.committer.settle() }
            return ListReceipt(result, enforced: true)
        }
    }

    /// The file for rejected rows may replace one of its kind and nothing else: not the ledger, not a key.
    private static func checkRejectedRows(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let beginning = FileHandle(forReadingAtPath: path).flatMap { try? $0.read(upToCount: 14) } ?? Data([0])
        guard beginning.isEmpty || beginning == Data("line,cause,row".utf8) else {
            throw Problem(.unprocessableContent, "a field is wrong", "there is a \(path) that holds no rejected rows; name another file", at: "rejected_rows")
        }
    }

    private func name(_ call: AdminCall) throws -> String {
        guard let name = call.path["name"] else { throw Problem(.notFound, "no such list", "the path names none") }
        return name
    }

    /// Makes a change that may lift suppressions: no evidence, no change.
    private func change(
        _ what: String, _ name: String, _ call: AdminCall, _ body: @escaping @Sendable () throws -> any Encodable
    ) async throws -> AdminAnswer {
        try await Background.run {
            try announce(what, call.caller, name)
            let answer = try body()
            try parts.committer.settle()
            return try AdminAnswer(answer)
        }
    }

    /// Writes ledger and lists to a new directory on the gate's machine.
    func backup(_ call: AdminCall) async throws -> AdminAnswer {
        let order: BackupOrder = try call.order()
        guard order.directory.hasPrefix("/") else {
            throw Problem(.unprocessableContent, "a field is wrong", "'\(order.directory)' does not begin at the root", at: "directory")
        }
        guard !FileManager.default.fileExists(atPath: order.directory) else {
            throw Problem(.conflict, "the directory is there already", "there is a \(order.directory); a backup never overwrites one", at: "directory")
        }
        return try await Background.run {
            try announce("backup", call.caller, order.directory)
            return try AdminAnswer(try InstallationBackup.write(to: order.directory, ledger: parts.ledger, lists: parts.lists), .created)
        }
    }

    /// Prepares another digest secret, for the next start.
    func rotate(_ call: AdminCall) async throws -> Response {
        let order: RotationOrder = try await call.withBody().order()
        return WorkStream.response { report in
            try announce("secret-rotation", call.caller, "prepare")
            return try InstallationRotation.prepare(
                order, storage: parts.startSettings.storage, ledger: parts.ledger, lists: parts.lists, rules: parts.current.identifiers,
                progress: { report(.init($1, label: $0)) })
        }
    }
}
