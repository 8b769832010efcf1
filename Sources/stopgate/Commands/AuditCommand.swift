import ArgumentParser
import Audit
import ControlPlane
import Foundation
import Policy
import Recipients

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Reads and checks the audit log.", subcommands: [Tail.self, Verify.self, Search.self, Scheduled.self])

    struct Tail: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the last records, and with --follow those that come.",
            discussion: "Examples:\n  stopgate audit tail\n  stopgate audit tail --follow --json")

        @Option(name: [.customShort("n"), .long], help: "How many of the last records.") var lines = 20
        @Flag(name: .shortAndLong, help: "Go on until interrupted.") var follow = false
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard lines >= 0 else { throw ValidationError("--lines is \(lines); give 0 or more") }
        }

        func run() throws {
            let directory = try configuration.ruleset().settings.storage.auditDirectory
            do {
                let tail = try AuditTail(directory: directory, from: .beginning)
                var last: [AuditEntry] = []
                while case let entries = try tail.read(), !entries.isEmpty { last = Array((last + entries).suffix(lines)) }
                for entry in last { try AuditLine(entry).show(output) }
                while follow {
                    for entry in try tail.read() { try AuditLine(entry).show(output) }
                    Thread.sleep(forTimeInterval: 0.2)
                }
            } catch {
                throw Failure(error)
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks the log against its own chain. Needs no key, changes nothing, may run beside a gate.",
            discussion: """
                Exit code 0: good; 1: something is wrong, with its place. Keep the head it prints somewhere else: a later
                --head finds a log that was cut at its end or written anew.

                Example: stopgate audit verify --head 4711:9f86d0...
                """)

        @Option(help: "A log's directory; that of the settings otherwise.") var directory: String?
        @Option(help: "A head this log had earlier: NUMBER:HASH.") var head: String?
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        private struct Answer: Encodable {
            var good: Bool
            var records: UInt64
            var seals: UInt64
            var segments: Int
            var bytes: Int
            var clockSteps: UInt64
            var head: String?
            var problem: String?
        }

        func run() throws {
            var expected: AuditHead?
            if let head {
                let parts = head.split(separator: ":")
                guard parts.count == 2, let number = UInt64(parts[0]), let hash = AuditDigest(String(parts[1])) else {
                    throw Failure("--head '\(head)' is none; write NUMBER:HASH as an earlier verify printed it")
                }
                expected = AuditHead(sequence: number, hash: hash)
            }
            let directory = try self.directory ?? configuration.ruleset().settings.storage.auditDirectory
            guard FileManager.default.fileExists(atPath: directory) else { throw Failure("there is no audit log at \(directory)") }
            do {
                let report = try AuditVerifier(directory: directory).verify(isLive: isWritten(directory), contains: expected)
                let head = report.head.map { "\($0.sequence):\($0.hash)" }
                if output.json {
                    try Terminal.printJSON(Answer(
                        good: report.isGood, records: report.records, seals: report.seals, segments: report.segments, bytes: report.bytes,
                        clockSteps: report.clockSteps, head: head, problem: report.problem?.description))
                } else {
                    if let problem = report.problem { print("\(Terminal.paint("damaged", .red)): \(problem)") }
                    let word = report.isGood ? Terminal.paint("good", .green) : "before that"
                    print("\(word): \(report.records) records under \(report.seals) seals in \(report.segments) segments, \(report.bytes) bytes")
                    if report.firstSegment > 1 { print("older segments were removed: the log begins with segment \(report.firstSegment)") }
                    if let head { print("head \(head)") }
                }
                if !report.isGood { throw ExitCode(1) }
            } catch let code as ExitCode {
                throw code
            } catch {
                throw Failure(error)
            }
        }

        /// Whether a process writes to the log: its lock tells.
        private func isWritten(_ directory: String) -> Bool {
            guard let lock = FileHandle(forReadingAtPath: "\(directory)/lock") else { return false }
            defer { try? lock.close() }
            guard flock(lock.fileDescriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
            flock(lock.fileDescriptor, LOCK_UN)
            return false
        }
    }

    struct Search: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Finds decisions and events.",
            discussion: """
                Exit code 0: something was found; 1: nothing.

                Examples:
                  stopgate audit search --person +14155550123
                  stopgate audit search --verdict reject --provider twilio --from 2026-11-01
                  stopgate audit search --id dc11hx68rg0g00000001
                """)

        @Option(help: "A phone number or e-mail address.") var person: String?
        @Option(help: "allow, strip, reject, refuse or monitor.") var verdict: String?
        @Option(help: "A provider's name.") var provider: String?
        @Option(help: "What the answer called stopgate-audit-id.") var id: String?
        @Option(help: "From this moment on: 2026-11-01 or 2026-11-01T09:30:00Z.") var from: String?
        @Option(help: "Before this moment.") var to: String?
        @Option(help: "How many at most.") var limit = 1000
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        func run() throws {
            let settings = try configuration.ruleset().settings
            var query = AuditQuery()
            query.provider = provider
            query.limit = max(1, limit)
            if let verdict {
                guard let value = AuditVerdict(name: verdict) else { throw Failure("--verdict '\(verdict)' is not one of \(AuditVerdict.allCases.map(\.name).joined(separator: ", "))") }
                query.verdict = value
            }
            if let id {
                guard let value = AuditID(id) else { throw Failure("--id '\(id)' is none: it has 20 letters and digits") }
                query.id = value
            }
            query.from = try moment(from, "--from")
            query.to = try moment(to, "--to")
            do {
                let found = try AuditDesk(settings).find(query, person: person, option: "--person")
                for entry in found { try AuditLine(entry).show(output) }
                if found.isEmpty { throw ExitCode(1) }
            } catch let code as ExitCode {
                throw code
            } catch {
                throw Failure(error)
            }
        }

        private func moment(_ text: String?, _ option: String) throws -> Int64? {
            guard let text else { return nil }
            guard let moment = Moment(text) else { throw Failure("\(option) '\(text)' is no moment; write 2026-11-01 or 2026-11-01T09:30:00Z") }
            return moment.microseconds
        }
    }
}
