import ArgumentParser
import ControlPlane
import Ledger

struct LinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Says that two identifiers belong to one person.",
        discussion: """
            Opt-outs that reach the person (--reach person) then hold for both, those made before included.

            Examples:
              stopgate link +14155550123 ada@example.com --reason crm-record
              stopgate link +14155550123 crm-4711 --linked-kind external --reason crm-record --confidence 0.9
            """)

    @OptionGroup var link: LinkArguments
    @Option(help: "Why, as a short code: crm-record, same-account ...") var reason: String
    @Option(help: "How sure it is, from 0 to 1.") var confidence: Double?
    @Option(help: "Who does this, for the record.") var actor: String?
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let confidence, !(0...1).contains(confidence) { throw ValidationError("--confidence is \(confidence); give 0 to 1") }
    }

    func run() throws {
        var order = link.order
        order.reason = reason
        order.confidence = confidence
        order.actor = actor
        try link.make(.link, order, configuration, output)
    }
}

struct UnlinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Says that two linked identifiers do not belong together after all. Needs a reason and a name; both stay on record.",
        discussion: "Example: stopgate unlink +14155550123 ada@example.com --reason wrong-match --actor ada")

    @OptionGroup var link: LinkArguments
    @Option(help: "Why, as a short code.") var reason: String
    @Option(help: "Who does this.") var actor: String
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        var order = link.order
        order.reason = reason
        order.actor = actor
        try link.make(.unlink, order, configuration, output)
    }
}

/// The two ends, and what shows it.
struct LinkArguments: ParsableArguments {
    @Argument(help: "A phone number, an e-mail address or an id, in any spelling.") var identifier: String
    @Argument(help: "The other one.") var linked: String
    @Option(help: "What the first is: phone, email, push-token, postal or external; told by the text otherwise.") var kind: String?
    @Option(help: "What the second is.") var linkedKind: String?
    @Option(help: "What shows it.") var evidence: String?
    @Option(help: "Where the record, letter or ticket is kept.") var evidenceReference: String?

    var order: LinkOrder {
        var order = LinkOrder(identifier, linked)
        order.kind = kind
        order.linkedKind = linkedKind
        order.evidence = evidence
        order.evidenceReference = evidenceReference
        return order
    }

    func make(_ action: EventAction, _ order: LinkOrder, _ configuration: ConfigurationOption, _ output: OutputOptions) throws {
        let receipt = try SuppressionDesk.open(configuration, writes: true, quiet: output.json).link(action, order)
        if output.json { return try Terminal.printJSON(receipt) }
        let word = action == .link ? "linked" : "unlinked"
        print(
            "\(Terminal.plain(receipt.identifier)) and \(Terminal.plain(receipt.linkedIdentifier)) "
                + "\(receipt.isNew ? Terminal.paint(word, .green) : "\(word) before") (ledger position \(receipt.ledgerPosition))")
        print("the person with \(Terminal.plain(receipt.identifier)): \(receipt.person.map(Terminal.plain).joined(separator: ", "))")
        print(receipt.enforced ? "in force in every event loop" : "recorded; in force when the gate starts")
    }
}
