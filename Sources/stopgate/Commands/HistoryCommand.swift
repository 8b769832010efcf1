import ArgumentParser
import ControlPlane

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Shows everything recorded about a person, oldest first: opt-outs, removals, links, with times, evidence and due dates.",
        discussion: """
            Any of the person's identifiers will do; events of linked ones are shown too. Exit code 1: nothing was ever recorded.

            Examples:
              stopgate history "+1 (415) 555-0123"
              stopgate history ada@example.com --json
            """)

    @Argument(help: "A phone number, an e-mail address or an id, in any spelling.") var identifier: String
    @Option(help: "phone, email, push-token, postal or external; told by the text otherwise.") var kind: String?
    @Option(help: "Only events after this cursor: the `next_cursor` of the page before.") var after: String?
    @Option(help: "Events of one page, 1 to 1000.") var limit = 100
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is \(limit); give 1 to 1000") }
    }

    func run() throws {
        let page = try SuppressionDesk.open(configuration, writes: false, quiet: output.json).history(identifier, kind: kind, after: after, limit: limit)
        if output.json { try Terminal.printJSON(page) } else { show(page) }
        if page.events.isEmpty, page.person.isEmpty { throw ExitCode(1) }
    }

    private func show(_ page: HistoryPage) {
        let name = Terminal.paint(Terminal.plain(page.identifier), .bold)
        guard !page.person.isEmpty else { return print("\(name): nothing was ever recorded") }
        let others = page.person.filter { $0 != page.identifier }
        print(name + (others.isEmpty ? "" : ", one person with \(others.map(Terminal.plain).joined(separator: ", "))"))
        for event in page.events { show(event) }
        if let next = page.nextCursor { Terminal.note("more: --after \(next)") }
    }

    private func show(_ event: EventAnswer) {
        var what = Terminal.paint(event.action, event.action == "opt-out" ? .red : .bold)
        if let identifier = event.identifier { what += " \(Terminal.plain(identifier))" }
        if let linked = event.linkedIdentifier { what += " and \(Terminal.plain(linked))" }
        if !event.channels.isEmpty { what += " on \(event.channels.count == 8 ? "all channels" : event.channels.joined(separator: ", ")), \(event.scope)" }
        if event.reach == "person" { what += ", the whole person" }
        print("\(event.recordedAt)  \(what)")
        let times = [("asked", event.requestedAt), ("received", event.receivedAt)].compactMap { name, value in value.map { "\(name) \($0)" } }
        if !times.isEmpty { print("  \(times.joined(separator: ", "))") }
        if let on = event.dueOn, let calendar = event.calendar { print("  due by the end of \(on) (\(Terminal.plain(calendar)))") }
        var how = "by \(event.method)"
        if let channel = event.arrivedBy { how += " over \(channel)" }
        if let system = event.system { how += " from \(Terminal.plain(system))" }
        if let reason = event.reason { how += ", reason \(Terminal.plain(reason))" }
        if let confidence = event.matchConfidence { how += ", confidence \(confidence)" }
        print("  \(how), actor \(Terminal.plain(event.actor ?? event.actorKind))")
        if let words = event.words { print("  words: \"\(Terminal.plain(words))\"") }
        if let reference = event.evidenceReference { print("  evidence: \(Terminal.plain(reference))") }
        print("  event \(Terminal.plain(event.eventId)), ledger position \(event.ledgerPosition)")
    }
}
