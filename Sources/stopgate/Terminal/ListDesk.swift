import ControlPlane
import Foundation
import Ledger
import Lists
import Policy
import Recipients

/// Where the commands about lists, backups and the secret take their orders: to the running gate, or, when none runs, to the storage itself.
enum ListDesk {
    case gate(AdminClient)
    case storage(StoppedInstallation, Settings, NormalisationRules)

    static func open(_ configuration: ConfigurationOption, quiet: Bool) throws -> ListDesk {
        let settings = try configuration.ruleset().settings
        if let client = try AdminClient(socket: settings.admin.socket) {
            if !quiet { Terminal.note("via the running gate (\(settings.admin.socket))") }
            return .gate(client)
        }
        if !quiet { Terminal.note("no gate runs: directly on \(settings.storage.directory)") }
        do {
            let rules = try NormalisationRules(settings: settings.recipients)
            let stopped = try StoppedInstallation(settings.storage, rules: rules)
            for problem in stopped.lists.problems { Terminal.note("\(Terminal.paintError("no gate starts with this:")) \(problem)") }
            return .storage(stopped, settings, rules)
        } catch {
            throw Failure(error)
        }
    }

    func summaries() throws -> ListsAnswer {
        switch self {
        case .gate(let client): try SuppressionDesk.decode(try client.call("GET", "/v1/lists"))
        case .storage(let stopped, _, _): try Self.doing { ListsAnswer(try stopped.lists.describe()) }
        }
    }

    func load(_ name: String, _ order: ListOrder) throws -> ListReceipt {
        switch self {
        case .gate(let client):
            return try Self.follow(client, "/v1/lists/" + SuppressionDesk.escaped(name), order)
        case .storage(let stopped, _, _):
            let view = WorkView()
            defer { view.finish() }
            return try Self.doing {
                let result = try stopped.lists.load(name, file: order.path, options: try order.options(), rejectedRows: order.rejectedRows) {
                    view.show(.init($0))
                    return true
                }
                return ListReceipt(result, enforced: false)
            }
        }
    }

    func rollback(_ name: String) throws -> ListAnswer {
        switch self {
        case .gate(let client): try SuppressionDesk.decode(try client.call("POST", "/v1/lists/\(SuppressionDesk.escaped(name))/rollback", json: Data("{}".utf8)))
        case .storage(let stopped, _, _): try Self.doing { ListAnswer(try stopped.lists.rollback(name), current: true) }
        }
    }

    func remove(_ name: String) throws -> ListsAnswer {
        switch self {
        case .gate(let client): try SuppressionDesk.decode(try client.call("DELETE", "/v1/lists/" + SuppressionDesk.escaped(name)))
        case .storage(let stopped, _, _):
            try Self.doing {
                try stopped.lists.remove(name)
                return ListsAnswer(try stopped.lists.describe())
            }
        }
    }

    func backup(to directory: String) throws -> BackupReceipt {
        switch self {
        case .gate(let client):
            try SuppressionDesk.decode(try client.call("POST", "/v1/backup", json: try SuppressionDesk.encode(["directory": directory])))
        case .storage(let stopped, _, _): try Self.doing { try InstallationBackup.write(to: directory, ledger: stopped.ledger, lists: stopped.lists) }
        }
    }

    func rotate(_ order: RotationOrder) throws -> RotationReceipt {
        switch self {
        case .gate(let client): return try Self.follow(client, "/v1/rotation", order)
        case .storage(let stopped, let settings, let rules):
            let view = WorkView()
            defer { view.finish() }
            return try Self.doing {
                try InstallationRotation.prepare(order, storage: settings.storage, ledger: stopped.ledger, lists: stopped.lists, rules: rules) {
                    view.show(.init($1, label: $0))
                    return true
                }
            }
        }
    }

    private static func doing<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch { throw Failure(error) }
    }

    /// Sends an order whose answer comes line by line, and shows how far it is.
    static func follow<Order: Encodable, Result: Codable & Sendable>(
        _ client: AdminClient, _ target: String, _ order: Order
    ) throws -> Result {
        let view = WorkView()
        defer { view.finish() }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var pending = Data(), result: Result?, failed: String?
        let answer = try client.call("POST", target, json: try SuppressionDesk.encode(order), receive: { piece in
            pending += piece
            while let end = pending.firstIndex(of: 0x0a) {
                let line = try decoder.decode(WorkLine<Result>.self, from: Data(pending[pending.startIndex..<end]))
                pending = Data(pending[(end + 1)...])
                if let step = line.step { view.show(step) }
                result = line.done ?? result
                failed = line.failed ?? failed
            }
        })
        guard answer.status < 300 else { throw SuppressionDesk.refusal(answer) }
        if let failed { throw Failure(failed) }
        guard let result else { throw Failure("the gate hung up before it had ended; `stopgate list ls` shows what is in force") }
        return result
    }
}

/// How far a long piece of work is, on standard error: a bar for reading, a word for what follows.
final class WorkView: @unchecked Sendable {
    private let lock = NSLock()
    private var isShown = false

    func show(_ step: WorkStep) {
        guard Terminal.showsProgress else { return }
        var text = (step.label.map { "\(Terminal.plain($0)): " } ?? "") + step.phase
        if step.phase == ListProgress.Phase.reading.rawValue, step.totalBytes > 0 {
            let percent = Int(min(100, step.bytes * 100 / step.totalBytes)), filled = percent * 24 / 100
            text += " " + String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled) + " \(percent)%"
            text += "  \(step.rows) rows, \(Int(step.rowsPerSecond / 1000))k/s" + (step.rejected > 0 ? ", \(step.rejected) rejected" : "")
            if let left = step.secondsLeft { text += ", \(Int(left) / 60):\(Int(left) % 60 < 10 ? "0" : "")\(Int(left) % 60) left" }
        }
        lock.withLock {
            isShown = true
            FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8))
        }
    }

    func finish() {
        lock.withLock {
            if isShown { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
        }
    }
}
