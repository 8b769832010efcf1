import ControlPlane
import Foundation
import Ledger
import Policy
import Recipients

/// Where the commands about suppressions take their questions: to the running gate, or, when none runs, to the ledger itself.
enum SuppressionDesk {
    case gate(AdminClient)
    case ledger(PreferenceLedger, IdentifierReader, Settings)

    /// - Parameter writes: opens the ledger for writing, which only one process may.
    static func open(_ configuration: ConfigurationOption, writes: Bool, quiet: Bool) throws -> SuppressionDesk {
        let settings = try configuration.ruleset().settings
        if let client = try AdminClient(socket: settings.admin.socket) {
            if !quiet { Terminal.note("via the running gate (\(settings.admin.socket))") }
            return .gate(client)
        }
        let path = settings.storage.ledgerFile
        if !quiet { Terminal.note("no gate runs: directly on the ledger \(path)") }
        do {
            try InstallationBackup.complete(settings.storage)
            if !writes, !FileManager.default.fileExists(atPath: path) { throw Failure("there is no ledger at \(path) yet; add something first") }
            if writes {
                try FileManager.default.createDirectory(
                    atPath: settings.storage.directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            let ledger = try PreferenceLedger(path: path, readOnly: !writes, dueDates: DueDateRule(settings.dueDates))
            return .ledger(ledger, IdentifierReader(rules: try NormalisationRules(settings: settings.recipients)), settings)
        } catch {
            throw Failure(error)
        }
    }

    func order(_ action: EventAction, _ order: SuppressionOrder) throws -> SuppressionReceipt {
        switch self {
        case .gate(let client):
            return try Self.decode(try client.call("POST", action == .optOut ? "/v1/suppressions" : "/v1/suppressions/remove", json: try Self.encode(order)))
        case .ledger(let ledger, let identifiers, _):
            do {
                let events = try order.events(action, identifiers: identifiers, method: .commandLine, defaultActor: "command-line")
                return SuppressionReceipt(events, try ledger.append(contentsOf: events), enforced: false)
            } catch {
                throw Failure(error)
            }
        }
    }

    func check(_ identifier: String, kind: String?) throws -> CheckAnswer {
        switch self {
        case .gate(let client):
            var query = "?identifier=" + Self.escaped(identifier)
            if let kind { query += "&kind=" + Self.escaped(kind) }
            return try Self.decode(try client.call("GET", "/v1/check" + query))
        case .ledger(let ledger, let identifiers, let settings):
            do {
                let found = try SuppressionOrder.read(identifier, kind: kind, identifiers)
                return try CheckAnswer(
                    found, ledger: ledger, lists: try InstallationLists.holding(identifier, found[0].kind, settings),
                    rules: try NormalisationRules(settings: settings.recipients))
            } catch {
                throw Failure(error)
            }
        }
    }

    func history(_ identifier: String, kind: String?, after cursor: String?, limit: Int) throws -> HistoryPage {
        switch self {
        case .gate(let client):
            var query = "?limit=\(limit)"
            if let kind { query += "&kind=" + Self.escaped(kind) }
            if let cursor { query += "&cursor=" + Self.escaped(cursor) }
            return try Self.decode(try client.call("GET", "/v1/persons/\(Self.escaped(identifier))/history" + query))
        case .ledger(let ledger, let identifiers, _):
            do {
                let found = try SuppressionOrder.read(identifier, kind: kind, identifiers)
                guard let position = cursor.map({ UInt64($0) }) ?? 0 else { throw Failure("--after: '\(cursor ?? "")' is no cursor") }
                return try HistoryPage(try HistoryPage.choice(found, in: ledger), in: ledger, after: position, limit: limit)
            } catch {
                throw Failure(error)
            }
        }
    }

    func link(_ action: EventAction, _ order: LinkOrder) throws -> LinkReceipt {
        switch self {
        case .gate(let client):
            return try Self.decode(try client.call("POST", action == .link ? "/v1/links" : "/v1/links/remove", json: try Self.encode(order)))
        case .ledger(let ledger, let identifiers, _):
            do {
                let event = try order.event(action, identifiers: identifiers, method: .commandLine, defaultActor: "command-line")
                return try LinkReceipt(event, try ledger.append(event), in: ledger, enforced: false)
            } catch {
                throw Failure(error)
            }
        }
    }

    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(value)
    }

    static func decode<T: Decodable>(_ answer: AdminClient.Answer) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard answer.status < 300 else { throw refusal(answer) }
        do { return try decoder.decode(T.self, from: answer.body) } catch {
            throw Failure("the gate's answer cannot be read; is it another version? It said: \(String(decoding: answer.body.prefix(300), as: UTF8.self))")
        }
    }

    /// A problem of the gate's, in one line.
    static func refusal(_ answer: AdminClient.Answer) -> Failure {
        struct Body: Decodable {
            var title: String
            var detail: String
            var at: String?
        }
        guard let body = try? JSONDecoder().decode(Body.self, from: answer.body) else { return Failure("the gate answered \(answer.status)") }
        return Failure("\(body.title)\(body.at.map { " (\($0))" } ?? ""): \(body.detail)")
    }

    /// For a query: everything but unreserved characters becomes an escape.
    static func escaped(_ text: String) -> String {
        let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}
