import ArgumentParser
import ControlPlane
import Policy

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Says how the running gate is.", discussion: "Exit code 0: ready; 1: not ready; 2: no gate runs.")

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        let socket = try configuration.ruleset().settings.admin.socket
        guard let client = try AdminClient(socket: socket) else { throw Failure("no gate listens at \(socket)") }
        let status: GateStatus = try SuppressionDesk.decode(try client.call("GET", "/v1/status"))
        if output.json {
            try Terminal.printJSON(status)
        } else {
            print(status.ready ? Terminal.paint("ready", .green) : Terminal.paint("not ready", .red))
            for reason in status.reasons { print("  \(Terminal.paint("stops sends", .red)): \(reason)") }
            for warning in status.warnings { print("  \(Terminal.paint("warning", .yellow)): \(warning)") }
            print(Terminal.table([
                ["version", status.version], ["up", "\(status.uptimeSeconds) s"], ["workers", "\(status.workers)"],
                ["ports", status.ports.map(String.init).joined(separator: ", ")], ["providers", status.providers.joined(separator: ", ")],
                ["ruleset", String(status.ruleset.prefix(16))], ["ledger position", "\(status.ledgerPosition), index \(status.indexPosition)"],
                ["suppressed keys", "\(status.suppressedKeys)"], ["audit", "\(status.audit), \(status.auditRecords) records since the start"],
            ]))
        }
        if !status.ready { throw ExitCode(1) }
    }
}
