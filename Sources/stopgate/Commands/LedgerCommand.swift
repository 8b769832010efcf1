import ArgumentParser
import ControlPlane
import Foundation
import Ledger
import Policy

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Checks the master preference record, and builds its derived tables anew.",
        subcommands: [Verify.self, Rebuild.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks the ledger, the lists and the index, and that they agree.",
            discussion: """
                The ledger's file, the hash chain of its events, and that the preferences follow from them; the files of the lists; and that the
                index blocks exactly whom ledger and lists say, key by key: of the running gate the one in its memory, otherwise what its next
                start will serve. Appends go on meanwhile.

                Exit code 0: sound; 1: not; 2: it could not be checked.
                """)

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func run() throws {
            let settings = try configuration.ruleset().settings, path = settings.storage.ledgerFile
            let report: VerificationReport
            if let client = try AdminClient(socket: settings.admin.socket) {
                if !output.json { Terminal.note("via the running gate (\(settings.admin.socket))") }
                report = try ListDesk.follow(client, "/v1/ledger/verify", [String: String]())
            } else {
                guard FileManager.default.fileExists(atPath: path) else { throw Failure("there is no ledger at \(path)") }
                if !output.json { Terminal.note("no gate runs: \(settings.storage.directory) as it lies there") }
                let view = WorkView()
                defer { view.finish() }
                do {
                    report = try InstallationVerification.run(settings.storage) { view.show(WorkStep(phase: $0, done: $1, total: $2)) }
                } catch {
                    throw Failure(error)
                }
            }
            if output.json { try Terminal.printJSON(report) } else { show(report) }
            if !report.sound { throw ExitCode(1) }
        }

        private func show(_ report: VerificationReport) {
            for problem in report.problems { print(Terminal.plain(problem)) }
            for note in report.notes { print("note: \(Terminal.plain(note))") }
            var line = "\(report.events) events, \(report.lists) lists"
            if let keys = report.keys { line += ", index compared key by key: \(keys)" }
            print("\(report.sound ? Terminal.paint("sound", .green) : Terminal.paint("not sound", .red)): \(line)")
        }
    }

    struct Rebuild: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Folds all events again into the derived tables. The gate must be stopped.",
            discussion: "The index is built anew from them at the next start.")

        @OptionGroup var configuration: ConfigurationOption

        func run() throws {
            let storage = try configuration.ruleset().settings.storage
            guard FileManager.default.fileExists(atPath: storage.ledgerFile) else { throw Failure("there is no ledger at \(storage.ledgerFile)") }
            let bar = ProgressBar("rebuilding", total: 100)
            do {
                let ledger = try PreferenceLedger(path: storage.ledgerFile)
                try ledger.rebuild { bar.update($1 > 0 ? Int64($0 * 100 / $1) : 100) }
                // The gate then finds no snapshot and builds one from the ledger.
                let snapshot = "\(storage.indexDirectory)/index.snapshot"
                if FileManager.default.fileExists(atPath: snapshot) { try FileManager.default.removeItem(atPath: snapshot) }
                bar.finish()
                print("\(Terminal.paint("rebuilt", .green)): \(try ledger.lastPosition()) events, \(try ledger.countSuppressions()) opt-outs in force")
            } catch {
                throw Failure(error)
            }
        }
    }
}
