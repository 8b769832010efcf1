import ArgumentParser
import ControlPlane
import Foundation
import Ledger

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Adds the opt-outs of a CSV file.",
        discussion: """
            The first line names the columns: identifier (or phone, email), and any of kind, channels, scope, reach, reason,
            source, evidence, language, requested_at, received_at. Importing a file again changes nothing. Rows that cannot be
            read are reported and left out; exit code 1 says there were some.

            Examples:
              stopgate import opt-outs.csv --dry-run
              stopgate import crm-export.csv --source salesforce --channel sms
            """)

    @Argument(help: "The CSV file.") var file: String
    @Flag(help: "Read and check everything, record nothing.") var dryRun = false
    @Flag(help: "Pass over columns with unknown names.") var ignoreUnknownColumns = false
    @Option(help: "What the evidence calls the file; its name otherwise.") var source: String?
    @Option(name: .customLong("channel"), help: "Where a row names no channel; may be repeated. All otherwise.") var channels: [String] = []
    @Option(help: "Where a row names no scope.") var scope: String?
    @Option(help: "Where a row names no reason.") var reason: String?
    @Option(help: "Who imports, for the record.") var actor: String?
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        guard let handle = FileHandle(forReadingAtPath: file) else { throw Failure("\(file) cannot be read") }
        let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber)?.int64Value ?? 0
        let bar = ProgressBar(dryRun ? "checking" : "importing", total: size)
        let receipt: ImportReceipt
        switch try SuppressionDesk.open(configuration, writes: true, quiet: output.json) {
        case .gate(let client): receipt = try send(handle, client, bar)
        case .ledger(let ledger, let identifiers, _): receipt = try read(ledger, identifiers, bar)
        }
        bar.finish()
        if output.json { try Terminal.printJSON(receipt) } else { show(receipt) }
        if receipt.rejected > 0 { throw ExitCode(1) }
    }

    private func send(_ handle: FileHandle, _ client: AdminClient, _ bar: ProgressBar) throws -> ImportReceipt {
        var query = "?source=" + SuppressionDesk.escaped(source ?? URL(fileURLWithPath: file).lastPathComponent)
        if dryRun { query += "&dry_run=true" }
        if ignoreUnknownColumns { query += "&ignore_unknown_columns=true" }
        if !channels.isEmpty { query += "&channels=" + SuppressionDesk.escaped(channels.joined(separator: ",")) }
        for (name, value) in [("scope", scope), ("reason", reason), ("actor", actor)] {
            if let value { query += "&\(name)=\(SuppressionDesk.escaped(value))" }
        }
        var sent: Int64 = 0
        let answer = try client.call("POST", "/v1/import" + query, chunks: {
            guard let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty else { return nil }
            sent += Int64(piece.count)
            bar.update(sent)
            return piece
        })
        return try SuppressionDesk.decode(answer)
    }

    private func read(_ ledger: PreferenceLedger, _ identifiers: IdentifierReader, _ bar: ProgressBar) throws -> ImportReceipt {
        do {
            var options = ImportOptions(
                source: source ?? URL(fileURLWithPath: file).lastPathComponent, actor: .init(kind: .operator, name: actor ?? "command-line"))
            options.isDryRun = dryRun
            options.ignoresUnknownColumns = ignoreUnknownColumns
            options.defaultChannels = try SuppressionOrder.channels(channels.isEmpty ? nil : channels)
            options.defaultScope = try SuppressionOrder.scope(scope)
            options.defaultReason = reason
            var rejected: [ImportReceipt.Row] = []
            let progress = try PreferenceImport(ledger: ledger, identifiers: identifiers, options: options).run(
                path: file, rejected: { if rejected.count < ImportReceipt.rowLimit { rejected.append(.init(line: $0.line, cause: $0.cause)) } },
                progress: { bar.update($0.bytes) })
            return ImportReceipt(progress, rejectedRows: rejected, dryRun: dryRun, enforced: false)
        } catch {
            throw Failure(error)
        }
    }

    private func show(_ receipt: ImportReceipt) {
        for row in receipt.rejectedRows { Terminal.note("\(file):\(row.line): \(Terminal.plain(row.cause))") }
        if receipt.rejected > receipt.rejectedRows.count { Terminal.note("... and \(receipt.rejected - receipt.rejectedRows.count) more rows") }
        let verb = receipt.dryRun ? "would be added" : "added"
        print("\(receipt.rows) rows: \(receipt.added) \(verb), \(receipt.known) known before, \(receipt.rejected) rejected")
        if !receipt.dryRun { print(receipt.enforced ? "in force in every event loop" : "recorded; in force when the gate starts") }
    }
}
