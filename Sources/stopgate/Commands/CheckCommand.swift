import ArgumentParser
import ControlPlane

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says whether somebody may be contacted, and if not, since when and why.",
        discussion: """
            Exit code 0: nothing is suppressed; 1: something is.

            Examples:
              stopgate check "+1 (415) 555-0123"
              stopgate check ada@example.com --json
            """)

    @Argument(help: "A phone number, an e-mail address or an id, in any spelling.") var identifier: String
    @Option(help: "phone, email, push-token, postal or external; told by the text otherwise.") var kind: String?
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        let answer = try SuppressionDesk.open(configuration, writes: false, quiet: output.json).check(identifier, kind: kind)
        if output.json { try Terminal.printJSON(answer) } else {
            answer.readings.forEach { show($0, isListed: !answer.lists.isEmpty) }
            for list in answer.lists {
                print("  on the list \(Terminal.plain(list.name))  \(list.channels.count == 8 ? "all channels" : list.channels.joined(separator: ", "))  reason \(Terminal.plain(list.reason))")
                print("    version \(list.version), loaded \(list.loadedAt) from \(Terminal.plain(list.path))")
            }
        }
        if let enforced = answer.enforced {
            print("sends to it are \(enforced.isEmpty ? "let through by the running gate" : "blocked by the running gate now: \(enforced.count == 8 ? "all channels" : enforced.joined(separator: ", "))")")
        }
        if answer.suppressed { throw ExitCode(1) }
    }

    private func show(_ reading: CheckAnswer.Reading, isListed: Bool) {
        let name = title(reading)
        if reading.blocked.isEmpty, isListed, reading.relation == "itself" {
            print("\(name): \(Terminal.paint("suppressed", .red)) by a list; no opt-out of its own")
        } else if reading.blocked.isEmpty {
            print("\(name): \(Terminal.paint("not suppressed", .green))\(reading.isKnown ? "" : " (never heard of)")")
        } else {
            print("\(name): \(Terminal.paint("suppressed", .red)) on \(reading.blocked.count == 8 ? "all channels" : reading.blocked.joined(separator: ", "))")
        }
        for holding in reading.holdings {
            print("  since \(holding.since)  \(holding.channels.count == 8 ? "all channels" : holding.channels.joined(separator: ", "))  \(holding.scope)")
            if let due = holding.dueAt { print("    in force since it was recorded; the law's last day ends \(due)") }
            var how = "by \(holding.method)"
            if let channel = holding.arrivedBy { how += " over \(channel)" }
            if let system = holding.system { how += " from \(Terminal.plain(system))" }
            if let reason = holding.reason { how += ", reason \(Terminal.plain(reason))" }
            how += ", actor \(Terminal.plain(holding.actor))"
            if let via = holding.via { how += ", through the linked \(via)" }
            print("    \(how)")
            if let words = holding.words { print("    words: \"\(Terminal.plain(words))\"") }
            print("    event \(Terminal.plain(holding.eventId)), ledger position \(holding.ledgerPosition), recorded \(holding.recordedAt)")
        }
        if !reading.equivalents.isEmpty { print("  the same to the gate: \(reading.equivalents.map(Terminal.plain).joined(separator: ", "))") }
        if reading.linked > 0 { print("  \(reading.linked) other identifiers belong to the same person (`stopgate history` names them)") }
        for link in reading.links {
            var line = "    link \(link.identifiers.map(Terminal.plain).joined(separator: " and ")) since \(link.since)"
            if let reason = link.reason { line += ", reason \(Terminal.plain(reason))" }
            if let confidence = link.confidence { line += ", confidence \(confidence)" }
            print(line + ", actor \(Terminal.plain(link.actor)), event \(Terminal.plain(link.eventId))")
        }
    }

    private func title(_ reading: CheckAnswer.Reading) -> String {
        let name = Terminal.paint(Terminal.plain(reading.identifier), .bold)
        return switch reading.relation {
        case "other-reading": "or \(name), which it may be too"
        case "base-address": "its address without the tag, \(name), which covers it"
        default: name
        }
    }
}
