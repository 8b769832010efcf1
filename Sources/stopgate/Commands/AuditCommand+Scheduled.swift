import ArgumentParser
import Audit
import Foundation
import Policy

extension AuditCommand {
    struct Scheduled: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists sends for later that a provider has accepted and that are not due yet, with the call that takes each back.",
            discussion: """
                An opt-out does not reach what a provider has accepted for later: make the calls listed here. A send whose outcome
                is not known may be waiting at the provider, and is listed too. A call takes the whole send back, for all who
                were to get it. What was taken back already is not known here and stays in the list until it is due.

                Exit code 0: something was found; 1: nothing.

                Examples:
                  stopgate audit scheduled
                  stopgate audit scheduled --to +14155550123
                """)

        @Option(help: "Only sends to this phone number or e-mail address.") var to: String?
        @Option(help: "Only what a provider of this name has.") var provider: String?
        @Option(help: "How many at most.") var limit = 10_000
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        /// A send that waits at a provider.
        struct Waiting: Encodable {
            var id: String
            var decided: String
            var provider: String?
            var endpoint: String?
            /// As the sender wrote it.
            var scheduled: String
            /// In UTC; `nil` when the spelling is not known here.
            var due: String?
            /// The provider's message id; `nil` when it is not known.
            var message: String?
            var recipients: Int
            /// Whether the provider is known to have accepted it.
            var accepted: Bool
            var cancel: String?
        }

        func run() throws {
            let settings = try configuration.ruleset().settings
            var query = AuditQuery()
            query.isScheduled = true
            query.provider = provider
            query.limit = max(1, limit)
            let found: [Waiting]
            do {
                let desk = AuditDesk(settings)
                let names = try to.map { try desk.names(of: $0, option: "--to") }
                found = try desk.find(query, person: to, option: "--to").compactMap { Self.waiting($0, names: names, now: Date()) }
            } catch let failure as Failure {
                throw failure
            } catch {
                throw Failure(error)
            }
            if output.json {
                for waiting in found { print(String(decoding: try SuppressionDesk.encode(waiting), as: UTF8.self)) }
            } else {
                for waiting in found { show(waiting) }
            }
            if found.isEmpty { throw ExitCode(1) }
        }

        /// A send whose time cannot be read is taken for one that waits as long as any provider keeps one.
        private static let longest: TimeInterval = 366 * 86_400

        /// - Parameter names: the person looked for; somebody who was taken out of a send does not wait for it.
        static func waiting(_ entry: AuditEntry, names: Set<String>?, now: Date) -> Waiting? {
            guard case .decision(let decision) = entry, let scheduled = decision.scheduled else { return nil }
            let goes = decision.recipients.filter { $0.verdict != .block }
            if let names {
                guard goes.contains(where: { $0.hmac.map(names.contains) ?? false }) else { return nil }
            }
            var message: String?
            var isAccepted = false
            switch decision.fate {
            case .kept: return nil
            case .unknown: break
            case .known(let outcome):
                if outcome.result == .unsent { return nil }
                if outcome.result == .answered {
                    guard let status = outcome.status, (200..<300).contains(status) else { return nil }
                    isAccepted = true
                }
                message = outcome.message
            }
            let due = DueTime.latest(scheduled)
            if let due {
                guard due > now else { return nil }
            } else {
                let decided = Date(timeIntervalSince1970: Double(decision.stamp.instant.wall) / 1_000_000)
                guard now.timeIntervalSince(decided) < longest else { return nil }
            }
            var cancel = decision.cancel
            if let message { cancel = cancel?.replacingOccurrences(of: "{message_id}", with: message) }
            return Waiting(
                id: decision.id.description, decided: decision.stamp.time, provider: decision.provider, endpoint: decision.endpoint,
                scheduled: scheduled, due: due.map { ISO8601DateFormatter().string(from: $0) }, message: message, recipients: goes.count,
                accepted: isAccepted, cancel: cancel)
        }

        private func show(_ waiting: Waiting) {
            var line = waiting.due.map { Terminal.paint($0, .yellow) } ?? "\(Terminal.paint("at", .dim)) \(Terminal.plain(waiting.scheduled))"
            line += "  \(waiting.provider ?? "?")\(waiting.endpoint.map { ".\($0)" } ?? "")"
            line += " to \(waiting.recipients) recipient\(waiting.recipients == 1 ? "" : "s")"
            if !waiting.accepted { line += Terminal.paint(" outcome unknown", .red) }
            if let message = waiting.message { line += " \(Terminal.plain(message))" }
            print("\(line)  \(Terminal.paint(waiting.id, .dim))")
            print("    \(Terminal.plain(waiting.cancel ?? "no call is known that takes it back: see the provider's console"))")
        }
    }
}
