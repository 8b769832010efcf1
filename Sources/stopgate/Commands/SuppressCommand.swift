import ArgumentParser
import ControlPlane
import Ledger
import Policy

struct SuppressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppress", abstract: "Adds, takes back and lists suppressions.",
        subcommands: [Add.self, Remove.self, List.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds an opt-out. When this returns through a running gate, no send to that person passes.",
            discussion: """
                Examples:
                  stopgate suppress add +14155550123
                  stopgate suppress add "(415) 555-0123" --channel sms --reason complaint
                  stopgate suppress add ada@example.com --reach person --evidence "please stop writing"
                  stopgate suppress add +14155550123 --program order-updates
                """)

        @Argument(help: "A phone number, an e-mail address or an id, in any spelling.") var identifier: String
        @Option(help: "phone, email, push-token, postal or external; told by the text otherwise.") var kind: String?
        @Option(name: .customLong("channel"), help: "A channel to close; may be repeated. All of them otherwise.") var channels: [String] = []
        @Option(help: "everything, program:NAME, purpose:NAME, brand:NAME or sender:NAME.") var scope: String?
        @Option(help: "Only this program: short for --scope program:NAME. Sends that name another one pass.") var program: String?
        @Option(help: "identifier, or person: all linked identifiers too.") var reach: String?
        @Option(help: "A short code: stop, complaint, legal-demand ...") var reason: String?
        @Option(help: "When the person asked: 2026-03-01 or 2026-03-01T09:30:00Z.") var requestedAt: String?
        @Option(help: "The person's words.") var evidence: String?
        @Option(help: "Where the letter, recording or ticket is kept.") var evidenceReference: String?
        @Option(help: "Who does this, for the record.") var actor: String?
        @Option(help: "The same id for the same order, however often it is given.") var id: String?
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func run() throws {
            var order = SuppressionOrder(identifier: identifier)
            order.kind = kind
            order.channels = channels.isEmpty ? nil : channels
            order.scope = try chosen(scope, program)
            order.reach = reach
            order.reason = reason
            order.requestedAt = requestedAt
            order.evidence = evidence
            order.evidenceReference = evidenceReference
            order.actor = actor
            order.id = id
            let desk = try SuppressionDesk.open(configuration, writes: true, quiet: output.json)
            try show(try desk.order(.optOut, order), "suppressed", output)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes an opt-out back. Needs a reason and a name; both stay on record.",
            discussion: "Example: stopgate suppress remove +14155550123 --reason wrong-number --actor ada")

        @Argument(help: "A phone number, an e-mail address or an id, in any spelling.") var identifier: String
        @Option(help: "phone, email, push-token, postal or external; told by the text otherwise.") var kind: String?
        @Option(name: .customLong("channel"), help: "A channel to open; may be repeated. All of them otherwise.") var channels: [String] = []
        @Option(help: "The scope that is taken back: everything, program:NAME, purpose:NAME ...") var scope: String?
        @Option(help: "The program that is taken back: short for --scope program:NAME.") var program: String?
        @Option(help: "Why, as a short code.") var reason: String
        @Option(help: "What shows that it is right: the person's words, or a note.") var evidence: String?
        @Option(help: "Where the letter, recording or ticket is kept.") var evidenceReference: String?
        @Option(help: "Who does this.") var actor: String
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func run() throws {
            var order = SuppressionOrder(identifier: identifier)
            order.kind = kind
            order.channels = channels.isEmpty ? nil : channels
            order.scope = try chosen(scope, program)
            order.reason = reason
            order.evidence = evidence
            order.evidenceReference = evidenceReference
            order.actor = actor
            let desk = try SuppressionDesk.open(configuration, writes: true, quiet: output.json)
            try show(try desk.order(.removal, order), "open again", output)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the opt-outs in force, oldest first.",
            discussion: "Example: stopgate suppress list --channel sms --limit 20")

        @Option(help: "Only this kind: phone, email ...") var kind: String?
        @Option(help: "Only those that close this channel.") var channel: String?
        @Option(help: "Only those with this reason.") var reason: String?
        @Option(help: "Only identifiers that begin so.") var prefix: String?
        @Option(help: "Only those after this ledger position: the `next_cursor` of the page before.") var after: UInt64 = 0
        @Option(help: "Lines of one page, 1 to 1000.") var limit = 100
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...1000).contains(limit) else { throw ValidationError("--limit is \(limit); give 1 to 1000") }
        }

        func run() throws {
            let page: SuppressionPage
            switch try SuppressionDesk.open(configuration, writes: false, quiet: output.json) {
            case .gate(let client):
                var query = "?cursor=\(after)&limit=\(limit)"
                for (name, value) in [("kind", kind), ("channel", channel), ("reason", reason), ("prefix", prefix)] {
                    if let value { query += "&\(name)=\(SuppressionDesk.escaped(value))" }
                }
                page = try SuppressionDesk.decode(try client.call("GET", "/v1/suppressions" + query))
            case .ledger(let ledger, _, _):
                let query = [("kind", kind), ("channel", channel), ("reason", reason), ("prefix", prefix)].compactMap { name, value in value.map { (name, $0) } }
                do throws(SuppressionOrder.Mistake) {
                    let filter = try SuppressionFilter(query: query)
                    page = SuppressionPage(try listing(ledger, filter), limit: limit)
                } catch {
                    throw Failure(error)
                }
            }
            if output.json { return try Terminal.printJSON(page) }
            if page.suppressions.isEmpty { return print("none") }
            print(Terminal.table(page.suppressions.map {
                [String($0.ledgerPosition), Terminal.plain($0.identifier), $0.channels.count == 8 ? "all" : $0.channels.joined(separator: ","), $0.scope, $0.since, Terminal.plain($0.reason ?? "")]
            }))
            if let next = page.nextCursor { Terminal.note("more: --after \(next)") }
        }

        private func listing(_ ledger: PreferenceLedger, _ filter: SuppressionFilter) throws(SuppressionOrder.Mistake) -> [SuppressionListing] {
            do { return try ledger.suppressions(filter, after: after, limit: limit) } catch {
                throw SuppressionOrder.Mistake(field: "ledger", what: "\(error)")
            }
        }
    }
}

private func chosen(_ scope: String?, _ program: String?) throws -> String? {
    guard let program else { return scope }
    guard scope == nil else { throw ValidationError("--scope and --program say the same thing twice; give one of them") }
    return "program:" + program
}

private func show(_ receipt: SuppressionReceipt, _ word: String, _ output: OutputOptions) throws {
    if output.json { return try Terminal.printJSON(receipt) }
    for event in receipt.events {
        let channels = event.channels.count == 8 ? "all channels" : event.channels.joined(separator: ", ")
        let state = event.isNew ? Terminal.paint(word, .green) : "\(word) before"
        print("\(Terminal.plain(event.identifier)) \(state) on \(channels) (ledger position \(event.ledgerPosition))")
    }
    print(receipt.enforced ? "in force in every event loop" : "recorded; in force when the gate starts")
}
