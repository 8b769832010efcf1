public import ArgumentParser
import ControlPlane
import Foundation
public import Ledger

extension PreferenceExport.Format: ExpressibleByArgument {}

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the opt-outs in force to standard output or a file.",
        discussion: """
            The CSV form can be imported again. The file names people: keep it safe.

            Examples:
              stopgate export > opt-outs.csv
              stopgate export --format ndjson --channel email --output mail.ndjson
            """)

    @Option(help: "csv or ndjson.") var format = PreferenceExport.Format.csv
    @Option(help: "Only this kind: phone, email ...") var kind: String?
    @Option(help: "Only those that close this channel.") var channel: String?
    @Option(help: "A file, made with mode 0600; standard output otherwise.") var output: String?
    @OptionGroup var configuration: ConfigurationOption

    func run() throws {
        let handle: FileHandle
        if let output {
            guard FileManager.default.createFile(atPath: output, contents: nil, attributes: [.posixPermissions: 0o600]),
                let file = FileHandle(forWritingAtPath: output)
            else { throw Failure("\(output) cannot be written") }
            handle = file
        } else {
            handle = .standardOutput
        }
        let conditions = [("kind", kind), ("channel", channel)].compactMap { name, value in value.map { (name, $0) } }
        switch try SuppressionDesk.open(configuration, writes: false, quiet: true) {
        case .gate(let client):
            var query = "?format=\(format.rawValue)"
            for (name, value) in conditions { query += "&\(name)=\(SuppressionDesk.escaped(value))" }
            let answer = try client.call("GET", "/v1/export" + query, receive: { try handle.write(contentsOf: $0) })
            guard answer.status < 300 else { throw SuppressionDesk.refusal(answer) }
        case .ledger(let ledger, _, _):
            do {
                try PreferenceExport(ledger: ledger, format: format, filter: try SuppressionFilter(query: conditions))
                    .run { try handle.write(contentsOf: Data($0.utf8)) }
            } catch {
                throw Failure(error)
            }
        }
    }
}
