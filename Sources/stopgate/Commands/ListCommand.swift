import ArgumentParser
import ControlPlane
import Foundation

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Bulk suppression lists: the National DNC registry, litigators, an export of a CRM.",
        discussion: "A list is replaced as a whole, in one step, and touches no person's record.",
        subcommands: [Load.self, Ls.self, Versions.self, Rollback.self, Remove.self])

    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a file the list NAME, in place of the version before.",
            discussion: """
                CSV or one identifier a line, plain or gzip. Until all of it is read and checked the old version is in force, and it is
                kept for `list rollback`. Rows that cannot be read go to a file with their line numbers. A file that has lost more than
                half, or with one row in ten unreadable, is refused.

                Examples:
                  stopgate list load national-dnc dnc.txt.gz --region US --channel sms --channel voice --reason dnc
                  stopgate list load ftc-201 201.csv --column 1 --column 2 --join --region US
                  stopgate list load unsubscribed crm.csv --kind email --column "E-Mail Address" --channel email
                """)

        @Argument(help: "Small letters, digits, - _ .") var name: String
        @Argument(help: "The file.") var file: String
        @Option(help: "phone or email.") var kind = "phone"
        @Option(name: .customLong("channel"), help: "A channel that the list forbids; may be repeated. All otherwise.") var channels: [String] = []
        @Option(help: "A short code for explanations.") var reason: String?
        @Option(name: .customLong("column"), help: "A column of identifiers, by name or number; may be repeated.") var columns: [String] = []
        @Flag(help: "The columns together are one identifier: area code and number.") var join = false
        @Option(help: "detect, present or absent.") var header: String?
        @Option(help: "What separates columns: a character, or tab. Told by the first line otherwise.") var separator: String?
        @Option(help: "Where numbers without a country code belong: US, GB ...") var region: String?
        @Option(help: "The program the list is about; kept and shown. All programs are blocked.") var program: String?
        @Flag(help: "Take a version that has lost more than half.") var allowShrink = false
        @Option(help: "Where rejected rows go; FILE.rejected.csv otherwise.") var rejected: String?
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func run() throws {
            let path = URL(fileURLWithPath: file).path
            var order = ListOrder(path: path, kind: kind)
            order.channels = channels.isEmpty ? nil : channels
            order.reason = reason
            order.columns = columns.isEmpty ? nil : columns
            order.joinColumns = join ? true : nil
            order.header = header
            order.separator = separator
            order.region = region
            order.program = program
            order.allowShrink = allowShrink ? true : nil
            let rejectedPath = rejected.map { URL(fileURLWithPath: $0).path } ?? path + ".rejected.csv"
            order.rejectedRows = rejectedPath
            do { _ = try order.options() } catch { throw Failure("\(error)") }
            let receipt = try ListDesk.open(configuration, quiet: output.json).load(name, order)
            if output.json { return try Terminal.printJSON(receipt) }
            if receipt.unchanged { return print("unchanged: \(name) is this file already (\(receipt.list.keys) identifiers, version \(receipt.list.version))") }
            let before = receipt.keysBefore.map { " (\($0) before)" } ?? ""
            print("\(Terminal.paint("loaded", .green)) \(name): \(receipt.list.rows) rows, \(receipt.list.keys) identifiers\(before), version \(receipt.list.version)")
            if receipt.list.rejected > 0 { print("\(Terminal.paint("\(receipt.list.rejected) rows rejected", .yellow)): \(rejectedPath)") }
            print(receipt.enforced ? "in force in every event loop" : "in force when the gate starts")
        }
    }

    struct Ls: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the lists in force.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func run() throws {
            let all = try ListDesk.open(configuration, quiet: true).summaries().lists.filter(\.current)
            if output.json { return try Terminal.printJSON(["lists": all]) }
            if all.isEmpty { return print("no lists") }
            let rows = all.map { list in
                [
                    Terminal.plain(list.name), "\(list.keys)", list.kind, list.channels.count == 8 ? "all" : list.channels.joined(separator: " "),
                    Terminal.plain(list.reason), list.loadedAt, list.version, list.outdated ? "OUTDATED: load again, recipient rules have changed" : "",
                ]
            }
            print(Terminal.table([["NAME", "IDENTIFIERS", "KIND", "CHANNELS", "REASON", "LOADED", "VERSION", ""]] + rows))
        }
    }

    struct Versions: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the versions of a list that are kept.")

        @Argument(help: "The list.") var name: String
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func run() throws {
            let all = try ListDesk.open(configuration, quiet: true).summaries().lists.filter { $0.name == name }
            guard !all.isEmpty else { throw Failure("there is no list \(name); `stopgate list ls` shows those there are") }
            if output.json { return try Terminal.printJSON(["lists": all]) }
            let rows = all.map { [$0.version, $0.current ? "in force" : "rollback", "\($0.keys)", "\($0.rejected)", $0.loadedAt, String($0.sha256.prefix(16)), Terminal.plain($0.path)] }
            print(Terminal.table([["VERSION", "", "IDENTIFIERS", "REJECTED", "LOADED", "SHA-256", "FILE"]] + rows))
        }
    }

    struct Rollback: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Puts the version before in force again. Once more, and it is undone.")

        @Argument(help: "The list.") var name: String
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func run() throws {
            let list = try ListDesk.open(configuration, quiet: output.json).rollback(name)
            if output.json { try Terminal.printJSON(list) } else { print("\(name): version \(list.version) of \(list.loadedAt) is in force, \(list.keys) identifiers") }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a list. Whom it alone suppressed may be sent to from then on.", discussion: "Example: stopgate list remove old-crm --yes")

        @Argument(help: "The list.") var name: String
        @Flag(help: "Really.") var yes = false
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if !yes { throw ValidationError("whom \(name) alone suppresses may be sent to then, and its versions are deleted; add --yes if that is meant") }
        }

        func run() throws {
            let left = try ListDesk.open(configuration, quiet: output.json).remove(name)
            if output.json { try Terminal.printJSON(left) } else { print("\(name) is removed") }
        }
    }
}
