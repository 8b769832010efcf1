import ArgumentParser
import Foundation
import Ledger
import Policy

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Checks the master preference record, and builds its derived tables anew.",
        subcommands: [Verify.self, Rebuild.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks the file, the hash chain of its events, and that the preferences follow from them.",
            discussion: "Exit code 0: sound; 1: not. May run beside a gate.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        private struct Answer: Encodable {
            var sound: Bool
            var events: UInt64
            var problems: [String]
        }

        func run() throws {
            let path = try configuration.ruleset().settings.storage.ledgerFile
            guard FileManager.default.fileExists(atPath: path) else { throw Failure("there is no ledger at \(path)") }
            let bar = ProgressBar("verifying", total: 100)
            let found: LedgerVerification
            do {
                found = try PreferenceLedger(path: path, readOnly: true).verify { bar.update($1 > 0 ? Int64($0 * 100 / $1) : 100) }
            } catch {
                throw Failure(error)
            }
            bar.finish()
            if output.json {
                try Terminal.printJSON(Answer(sound: found.isSound, events: found.events, problems: found.problems))
            } else {
                for problem in found.problems { print(Terminal.plain(problem)) }
                print(found.isSound ? "\(Terminal.paint("sound", .green)): \(found.events) events" : Terminal.paint("not sound", .red))
            }
            if !found.isSound { throw ExitCode(1) }
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
