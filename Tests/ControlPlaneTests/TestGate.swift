import ControlPlane
import Dataplane
import Foundation
import Ledger
import Logging
import Policy
import Suppression
import Synchronization
import TLSKit

/// A gate in a directory of its own, with plain listeners on ports of the kernel's choice and a provider that counts.
/// Only restart changes it, and no test restarts while it calls from several tasks.
final class TestGate: @unchecked Sendable {
    static let authToken = "12345"

    let directory: String
    let provider: CountingProvider
    private var running: GateRuntime?
    var runtime: GateRuntime {
        guard let running else { preconditionFailure("the gate is down") }
        return running
    }

    var proxy: TestClient { TestClient(port: runtime.ports[0]) }
    var intake: TestClient { TestClient(port: runtime.ports[1]) }
    var health: TestClient { TestClient(port: runtime.healthPort) }
    var admin: TestClient { TestClient(socket: directory + "/admin.sock") }
    var adminPort: TestClient { TestClient(port: runtime.adminPort) }
    var storage: Settings.Storage { get throws { try PolicyLoader.load(directory: directory + "/policies").settings.storage } }
    var settingsFile: String { directory + "/policies/stopgate.yaml" }

    /// - Parameter extra: more lines of stopgate.yaml.
    init(extra: String = "", forward: Bool = false) async throws {
        // Short: a Unix socket's path has 107 bytes.
        directory = "/tmp/sg-" + MessageAuthentication.randomBytes(6).map { String($0, radix: 16) }.joined()
        provider = try CountingProvider()
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../policies").standardized.path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: source, toPath: directory + "/policies")
        let origin = "http://127.0.0.1:\(provider.port)"
        let settings = """
            listeners:
              - {role: proxy, address: 127.0.0.1, port: 0, tls: false}
              - {role: intake, address: 127.0.0.1, port: 0, tls: false}
            upstream:
              http2: false
              providers:
                twilio: {origin: "\(origin)"}
                sendgrid: {origin: "\(origin)"}
            storage: {directory: \(directory)/data}
            admin: {socket: \(directory)/admin.sock, health_port: 0, port: 0}
            workers: 2
            limits: {new_connections_per_source: 10000}
            intake:
              public_url: https://stop.example.com
              twilio:
                auth_token_env: TOKEN
            \(forward ? "    forward_url: \(origin)/app/sms" : "")
            \(extra)
            """
        try settings.write(toFile: directory + "/policies/stopgate.yaml", atomically: true, encoding: .utf8)
        running = try await Self.start(directory)
    }

    private static func start(_ directory: String) async throws -> GateRuntime {
        let runtime = try await GateRuntime.start(
            .init(policies: directory + "/policies", environment: ["TOKEN": authToken], version: "test") { settings in
                Logger(label: "test") { LineLogHandler(label: $0, settings: settings, write: { _ in }) }
            })
        await runtime.loaded()
        return runtime
    }

    /// Stops the gate and starts it again on the same files.
    func restart() async throws {
        await stop()
        running = nil
        try await restartStopped()
    }

    private func restartStopped() async throws {
        // The ledger's lock goes with its last owner, which may be a task that is just ending.
        for attempt in 0... {
            do {
                running = try await Self.start(directory)
                return
            } catch LedgerFailure.inUse where attempt < 100 {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    func stop() async { await runtime.stop() }

    /// Starts a gate that was stopped, after `body` had the files to itself.
    func whileStopped(_ body: () throws -> Void) async throws {
        running = nil
        for attempt in 0... {
            do {
                try body()
                break
            } catch SuppressionError.inUse where attempt < 100 {
                try await Task.sleep(for: .milliseconds(20))
            } catch LedgerFailure.inUse where attempt < 100 {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        try await restartStopped()
    }

    func end() async {
        await stop()
        provider.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func edit(_ file: String, _ old: String, _ new: String) throws {
        let path = directory + "/policies/" + file
        let text = try String(contentsOfFile: path, encoding: .utf8)
        precondition(text.contains(old), "\(file) has no \(old)")
        try text.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
    }

    // MARK: Requests

    /// Sends an SMS through the gate.
    func send(to number: String) async throws -> TestClient.Answer {
        try await proxy.call(
            "POST", "/twilio/2010-04-01/Accounts/AC1/Messages.json", fields: ["content-type": "application/x-www-form-urlencoded"],
            body: "To=\(Self.escaped(number))&From=%2B15005550006&Body=hello")
    }

    func add(_ json: String) async throws -> TestClient.Answer {
        try await admin.call("POST", "/v1/suppressions", fields: ["content-type": "application/json"], body: json)
    }

    /// Delivers a text message as Twilio does.
    func text(from: String, _ words: String, sid: String, token: String = authToken) async throws -> TestClient.Answer {
        let fields = [("AccountSid", "AC1"), ("Body", words), ("From", from), ("MessageSid", sid), ("To", "+15005550006")]
        let signed = "https://stop.example.com/intake/twilio/messages" + fields.map { $0.0 + $0.1 }.joined()
        let signature = Data(MessageAuthentication.hmacSHA1(key: Array(token.utf8), Array(signed.utf8))).base64EncodedString()
        return try await intake.call(
            "POST", "/intake/twilio/messages",
            fields: ["content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature],
            body: fields.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&"))
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
