import Adapters
import Audit
import Dataplane
import Dispatch
import Foundation
import Hummingbird
import Ledger
public import Logging
public import Policy
import Recipients
import Suppression
import Synchronization
import TLSKit

/// A running gate: the data plane, the ledger and index behind it, the audit log, and the two small servers beside it.
///
/// ``start(_:)`` returns when everything listens; until the index is loaded the gate answers 503 and `/ready` says why.
public final class GateRuntime: Sendable {
    public struct Options: Sendable {
        /// Where `stopgate.yaml` is.
        public var policies: String
        /// Holds the secrets that settings name by variable.
        public var environment: [String: String]
        public var version: String
        /// Makes the logger once the settings are known.
        public var logger: @Sendable (Settings.Log) -> Logger

        public init(
            policies: String, environment: [String: String], version: String, logger: @escaping @Sendable (Settings.Log) -> Logger
        ) {
            self.policies = policies
            self.environment = environment
            self.version = version
            self.logger = logger
        }
    }

    /// How often files are looked at for changes, and the index for being worth a compaction.
    static let watchInterval: Duration = .seconds(1)

    /// The ports the listeners got, in the order of the settings.
    public let ports: [Int]
    /// The port of `/live`, `/ready` and `/metrics`.
    public var healthPort: Int { health.port ?? 0 }
    /// The port of the admin API; 0 where none is configured.
    public var adminPort: Int { adminPortServer?.port ?? 0 }
    public let logger: Logger

    let parts: GateParts
    /// Every call of the admin API, for the test that the document names them all.
    let adminRoutes: [(method: String, path: String, scope: AdminScope, parameters: [String])]
    private let reloader: Reloader
    private let health: ControlServer
    private let admin: ControlServer
    private let adminPortServer: ControlServer?
    private let loading: Task<Void, Never>
    private let watching: Task<Void, Never>

    public static func start(_ options: Options) async throws -> GateRuntime {
        let rules = try GateRules.load(directory: options.policies, environment: options.environment)
        let logger = options.logger(rules.settings.log)
        let parts = try GateParts(rules: rules, version: options.version, logger: logger)
        do {
            return try await GateRuntime(parts: parts, options: options)
        } catch {
            parts.stop()
            throw error
        }
    }

    private init(parts: GateParts, options: Options) async throws {
        self.parts = parts
        logger = parts.logger
        ports = parts.engine.ports
        reloader = Reloader(parts: parts, directory: options.policies, environment: options.environment)
        let settings = parts.startSettings
        let tokens = TokenGuard(TokenFile(settings.storage.tokensFile)) { [events = parts.events] in Self.note($0, $1, events) }
        let api = AdminAPI(parts: parts, reloader: reloader, tokens: tokens)
        adminRoutes = api.routes.map { ($0.method.rawValue, $0.path, $0.scope, $0.parameters) }
        health = try await ControlServer.start(
            router: HealthAPI(parts: parts).router(),
            address: .hostname(settings.admin.healthAddress, port: settings.admin.healthPort),
            name: "\(settings.admin.healthAddress):\(settings.admin.healthPort) (admin.health_port)", logger: parts.logger)
        do {
            let socket = settings.admin.socket
            guard socket.utf8.count < 108 else {
                throw StartProblem("admin.socket: '\(socket)' is longer than the 107 bytes a Unix socket's path may have")
            }
            admin = try await ControlServer.start(
                router: api.router(.socket), address: .unixDomainSocket(path: socket), name: "\(socket) (admin.socket)", logger: parts.logger)
        } catch {
            await health.stop()
            throw error
        }
        do {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: settings.admin.socket)
            adminPortServer = if let port = settings.admin.port {
                try await ControlServer.start(
                    router: api.router(.port), address: .hostname(settings.admin.address, port: port),
                    name: "\(settings.admin.address):\(port) (admin.port)", logger: parts.logger)
            } else { nil }
        } catch {
            await admin.stop()
            await health.stop()
            throw error
        }
        loading = Task { [parts] in await parts.load() }
        watching = Task { [parts, reloader] in
            while (try? await Task.sleep(for: Self.watchInterval)) != nil {
                _ = try? await Background.run {
                    reloader.reloadIfChanged()
                    _ = try? tokens.current()
                    parts.maintain()
                }
            }
        }
        for (listener, port) in zip(settings.listeners, ports) {
            logger.notice(
                "listening",
                metadata: ["role": "\(listener.role.rawValue)", "address": "\(listener.address)", "port": "\(port)", "tls": "\(listener.usesTLS)"])
        }
        logger.notice(
            "gate started",
            metadata: [
                "version": "\(options.version)", "workers": "\(parts.engine.workerCount)", "ruleset": "\(parts.current.ruleset.hashText.prefix(16))",
                "admin": "\(settings.admin.socket)", "health": "\(settings.admin.healthAddress):\(health.port ?? 0)",
            ])
        if let port = adminPortServer?.port {
            parts.logger.notice("listening", metadata: ["role": "admin", "address": "\(settings.admin.address)", "port": "\(port)", "tls": "false"])
            if (try? tokens.current())?.0.isEmpty != false {
                parts.logger.warning("the admin port lets nobody in: there is no token; make one with 'stopgate token create'")
            }
        }
    }

    /// Notes in the audit log what became of tokens, whoever changed their file.
    private static func note(_ before: [AdminToken], _ after: [AdminToken], _ events: EventAudit) {
        for token in after where !before.contains(where: { $0.name == token.name }) {
            let end = token.expiresAt.map { " until \($0)" } ?? ""
            try? events.announce("token-created", actor: token.createdBy, detail: "\(token.name): \(token.scopes.map(\.rawValue).joined(separator: " "))\(end)")
        }
        for token in after where token.revokedAt != nil && before.first(where: { $0.name == token.name })?.revokedAt == nil {
            try? events.announce("token-revoked", actor: token.revokedBy ?? "unknown", detail: token.name)
        }
        for token in before where !after.contains(where: { $0.name == token.name }) {
            try? events.announce("token-removed", actor: "file", detail: token.name)
        }
    }

    /// Waits until the index is loaded or could not be.
    public func loaded() async { await loading.value }

    /// Reads the policies and certificates again; what is wrong with them is logged and thrown, and nothing changes then.
    public func reload() throws { try reloader.reload() }

    /// Stops accepting, lets requests in flight finish, writes everything out. The admin API goes last: opt-outs are taken
    /// as long as anything is.
    public func stop() async {
        logger.notice("draining", metadata: ["deadline": "\(parts.startSettings.drainDeadline)"])
        watching.cancel()
        parts.beginDrain()
        _ = try? await Background.run { [parts] in parts.awaitDrain() }
        await watching.value
        await loading.value
        await adminPortServer?.stop()
        await admin.stop()
        await health.stop()
        _ = try? await Background.run { [parts] in parts.stop() }
        logger.notice("stopped")
    }

    /// Starts a gate and runs it until SIGTERM or SIGINT, reloading on SIGHUP. A second SIGTERM ends what is still in flight.
    public static func serve(_ options: Options) async throws {
        let (signals, send) = AsyncStream<Int32>.makeStream()
        // Before the start, which a signal could otherwise cut in the middle.
        let watch = SignalWatch([SIGTERM, SIGINT, SIGHUP]) { send.yield($0) }
        defer { watch.cancel() }
        let gate = try await start(options)
        var ending: Task<Void, Never>?
        for await number in signals {
            switch (number, ending) {
            case (SIGHUP, _): _ = try? await Background.run { try gate.reload() }
            case (_, nil):
                ending = Task {
                    await gate.stop()
                    send.finish()
                }
            default:
                gate.logger.warning("a second signal: ending what is in flight")
                gate.parts.engine.stop()
            }
        }
        await ending?.value
    }
}
