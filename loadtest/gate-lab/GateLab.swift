import Adapters
import ArgumentParser
import Audit
import Dataplane
import Foundation
import Policy
import Recipients
import Suppression
import TLSKit

/// The data plane alone: listeners, screening, index and audit log, without ledger, admin API or intake. What sanitizers,
/// callgrind and conformance tests run, because it starts in a second and does nothing on the side.
@main
struct GateLab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stopgate-lab", abstract: "The data plane alone, for measurements, sanitizers and conformance tests.",
        discussion: "Honours `upstream` of the policies' stopgate.yaml; listeners and storage come from the options here.")

    @Option(help: "Directory of policies.") var policies = "policies"
    @Option(help: "Port on 127.0.0.1; 0 lets the kernel choose.") var port = 0
    @Option(help: "Certificate chain (PEM).") var certificate: String
    @Option(help: "Private key (PEM).") var key: String
    @Option(help: "Event loops.") var workers = 1
    @Option(help: "Suppress this many generated numbers, +15550000000 and up, on every channel.") var suppress = 1000
    @Option(help: "Suppress this identifier too; may be repeated.") var block: [String] = []
    @Option(help: "Directory for the audit log; a temporary one when left out.") var audit: String?
    @Flag(help: "Do not wait for the disk before a send.") var batch = false
    @Flag(help: "Lift the limits on connections and requests per source, for load tests.") var unlimited = false
    @Option(help: "Change a limit of the engine, as in headTime=1000 (sizes in bytes, times in milliseconds); may be repeated.")
    var limit: [LimitOption] = []
    @Option(help: "Seconds to run; 0 runs until killed.") var seconds = 0

    func run() throws {
        let scratch = NSTemporaryDirectory() + "stopgate-lab-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let engine = try makeEngine(scratch)
        print("listening on 127.0.0.1:\(engine.ports[0])")
        fflush(nil)
        if seconds > 0 {
            sleep(UInt32(seconds))
            engine.drain()
        }
        engine.join()
    }

    private func makeEngine(_ scratch: String) throws -> Engine {
        let ruleset = try PolicyLoader.load(directory: policies)
        guard let secret = DigestSecret(MessageAuthentication.randomBytes(16)) else { throw ExitCode.failure }
        let index = try SuppressionIndex(directory: try folder(scratch + "/index"), secretID: 1)
        let rules = NormalisationRules.standard
        var changes: [SuppressionChange] = []
        for identifier in (0..<suppress).map({ "+1555\(String(format: "%07d", $0))" }) + block {
            let canonical = try CanonicalIdentifier(parsing: identifier, kind: nil, rules: rules)
            changes += canonical.keys(secret: secret).map { SuppressionChange(key: $0, channels: .all) }
        }
        try index.apply(changes, ledgerPosition: 1)
        index.markReady()
        var settings = AuditSettings()
        if batch { settings.durability = .batch(interval: 10) }
        settings.stopBelow = .init(percent: 0, bytes: 0)
        let directory = try folder(audit ?? scratch + "/audit")
        let log = try AuditLog(
            directory: directory, key: AuditKey.loadOrCreate(scratch + "/audit.key"), lanes: workers, settings: settings)
        let material = try TLSServerMaterial(
            TLSServerSettings(certificates: [.init(chain: certificate, key: key)], requireSNI: false))
        let upstream = ruleset.settings.upstream
        let onlyHTTP1 = upstream.http2 ? [] : Set(ruleset.routes.adapters.map { $0.provider })
        let cell = ScreeningRulesCell(
            ScreeningRules(routes: ruleset.routes, hash: 1, identifiers: rules, onlyHTTP1: onlyHTTP1))
        let idempotency = IdempotencyCache()
        var limits = EngineLimits()
        if unlimited {
            limits.connections = 100_000
            limits.connectionsPerSource = 100_000
            limits.newConnectionsPerSecondPerSource = 100_000
            limits.requestsPerConnection = .max
            limits.streamsPerConnection = .max
        }
        for option in limit { option.apply(to: &limits) }
        return try Engine(
            .init(
                workers: workers, limits: limits,
                listeners: [.init(address: "127.0.0.1", port: port, service: 0, tls: material)],
                upstream: TLSClientSettings(authorities: upstream.caFile),
                services: { worker in
                    [try ScreeningService(worker: worker, rules: cell, secret: secret, index: index, audit: log, idempotency: idempotency)]
                }))
    }

    /// Makes `path` a directory of our own.
    private func folder(_ path: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return path
    }
}
