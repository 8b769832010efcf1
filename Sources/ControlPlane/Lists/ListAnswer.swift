import Foundation
public import Lists
import Recipients

/// A version of a list, as the admin API and the command line show it.
public struct ListAnswer: Codable, Equatable, Sendable {
    public var name: String
    public var version: String
    /// In force; otherwise the version to roll back to.
    public var current: Bool
    /// Identifiers, each counted once.
    public var keys: Int
    public var rows: Int
    public var rejected: Int
    public var kind: String
    public var channels: [String]
    public var reason: String
    public var program: String?
    public var path: String
    public var sha256: String
    public var loadedAt: String
    /// Read under other recipient rules than those in force: load it again.
    public var outdated: Bool

    public init(_ version: ListVersion, current: Bool, outdated: Bool = false) {
        name = version.name
        self.version = version.id
        self.current = current
        keys = version.keys
        rows = version.rows
        rejected = version.rejected
        kind = version.options.kind.name
        channels = version.channels.channels.map(\.name)
        reason = version.reason
        program = version.options.program
        path = version.source.path
        sha256 = version.source.sha256
        loadedAt = version.createdAt.formatted(.iso8601)
        self.outdated = outdated
    }

    public init(_ summary: ListStore.Summary) {
        self.init(summary.version, current: summary.isCurrent, outdated: summary.isOutdated)
    }
}

/// All versions of all lists.
public struct ListsAnswer: Codable, Equatable, Sendable {
    public var lists: [ListAnswer]
    public init(_ summaries: [ListStore.Summary]) { lists = summaries.map { ListAnswer($0) } }
}

/// What a load came to.
public struct ListReceipt: Codable, Equatable, Sendable {
    public var list: ListAnswer
    /// Keys of the version before.
    public var keysBefore: Int?
    /// The file is the one in force already.
    public var unchanged: Bool
    /// Whether every event loop has passed the change.
    public var enforced: Bool

    public init(_ result: ListLoadResult, enforced: Bool) {
        switch result {
        case .loaded(let version, let previous):
            list = ListAnswer(version, current: true)
            keysBefore = previous?.keys
            unchanged = false
        case .unchanged(let version):
            list = ListAnswer(version, current: true)
            keysBefore = version.keys
            unchanged = true
        }
        self.enforced = enforced
    }
}
