import ArgumentParser
import ControlPlane
import Foundation
import Policy

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Writes a consistent copy of ledger and lists while the gate runs.",
        discussion: """
            The digest secret is not in it: keep a copy of that file elsewhere, for without it lists must be loaded again.

            Example: stopgate backup /backups/stopgate-$(date +%F)
            """)

    @Argument(help: "A new directory.") var directory: String
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        let receipt = try ListDesk.open(configuration, quiet: output.json).backup(to: URL(fileURLWithPath: directory).path)
        if output.json { return try Terminal.printJSON(receipt) }
        print("\(Terminal.paint("written", .green)) \(receipt.directory): ledger to position \(receipt.ledgerPosition), \(receipt.lists.count) lists")
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Puts a backup in the place of ledger and lists. The gate must be stopped.",
        discussion: """
            Opt-outs that came after the backup are not in it: import them again before the gate starts. What is there now is kept beside.

            Example: stopgate restore /backups/stopgate-2026-03-01 --yes
            """)

    @Argument(help: "A directory that `stopgate backup` wrote.") var directory: String
    @Flag(help: "Restore the ledger alone.") var keepLists = false
    @Flag(help: "Really.") var yes = false
    @OptionGroup var configuration: ConfigurationOption

    func validate() throws {
        if !yes { throw ValidationError("opt-outs newer than the backup go out of force; add --yes if that is meant") }
    }

    func run() throws {
        let settings = try configuration.ruleset().settings
        if try AdminClient(socket: settings.admin.socket) != nil { throw Failure("a gate runs (\(settings.admin.socket)); stop it first") }
        do {
            let kept = try InstallationBackup.restore(URL(fileURLWithPath: directory).path, storage: settings.storage, keepsLists: keepLists)
            print("\(Terminal.paint("restored", .green)); what was there before is in \(kept)")
        } catch {
            throw Failure(error)
        }
    }
}

struct RotateSecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-secret", abstract: "Prepares another digest secret; the gate's next start exchanges it.",
        discussion: """
            Index and lists are made anew under the new secret while the gate runs on. Lists are read from their source files again, which must
            be the ones that were loaded; give the place of those that have moved, or name the lists to give up.

            Example: stopgate rotate-secret --source national-dnc=/archive/dnc.gz --drop-list old-crm
            """)

    @Option(name: .customLong("source"), help: "NAME=FILE, for a list whose file has moved; may be repeated.") var sources: [String] = []
    @Option(name: .customLong("drop-list"), help: "A list to give up: whom it alone suppresses may be sent to afterwards.") var dropped: [String] = []
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        var order = RotationOrder()
        var places: [String: String] = [:]
        for source in sources {
            guard let cut = source.firstIndex(of: "="), cut != source.startIndex else { throw Failure("--source \(source): write NAME=FILE") }
            places[String(source[..<cut])] = URL(fileURLWithPath: String(source[source.index(after: cut)...])).path
        }
        order.sources = places.isEmpty ? nil : places
        order.dropLists = dropped.isEmpty ? nil : dropped
        let receipt = try ListDesk.open(configuration, quiet: output.json).rotate(order)
        if output.json { return try Terminal.printJSON(receipt) }
        print("\(Terminal.paint("prepared", .green)): the next start of the gate exchanges the secret, \(receipt.lists.count) lists go with it")
        if !receipt.droppedLists.isEmpty { print("given up: \(receipt.droppedLists.joined(separator: ", "))") }
        print("a list that is changed before then makes it void")
    }
}
