import Audit
import Dataplane
import Foundation
import Policy
import Recipients
import Suppression
import Testing

/// The screening of sends over plain connections, with the policies of the repository.
@Suite(.serialized) struct ScreeningTests {
    /// A gate whose Twilio is a port of the test's.
    private final class Gate {
        let engine: Engine
        let directory: String
        private let log: AuditLog

        init(provider port: Int) throws {
            directory = NSTemporaryDirectory() + "stopgate-screening-\(UUID().uuidString)"
            let policies = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("policies").path
            let files = FileManager.default
            for name in ["index", "audit"] {
                try files.createDirectory(
                    atPath: directory + "/" + name, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            try files.copyItem(atPath: policies, toPath: directory + "/policies")
            let settings = directory + "/policies/stopgate.yaml"
            let text = try String(contentsOfFile: settings, encoding: .utf8)
            try text.replacing("upstream:\n", with: "upstream:\n  providers:\n    twilio: {origin: \"http://127.0.0.1:\(port)\"}\n")
                .write(toFile: settings, atomically: true, encoding: .utf8)
            let ruleset = try PolicyLoader.load(directory: directory + "/policies")
            let index = try SuppressionIndex(directory: directory + "/index", secretID: 1)
            index.markReady()
            let secret = try #require(DigestSecret([UInt8](0..<16)))
            var audit = AuditSettings()
            audit.stopBelow = .init(percent: 0, bytes: 0)
            let log = try AuditLog(
                directory: directory + "/audit", key: AuditKey.loadOrCreate(directory + "/audit.key"), lanes: 1, settings: audit)
            self.log = log
            let cell = ScreeningRulesCell(ScreeningRules(routes: ruleset.routes, hash: 1, identifiers: .standard))
            engine = try Engine(
                .init(
                    workers: 1, listeners: [.init(address: "127.0.0.1", port: 0, service: 0, tls: nil)],
                    services: { [try ScreeningService(worker: $0, rules: cell, secret: secret, index: index, audit: log, idempotency: IdempotencyCache())] }))
        }

        /// Ends the gate. - Returns: the lines of its audit log.
        func end() throws -> [String] {
            engine.stop()
            engine.join()
            log.close()
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/audit").sorted()
            return try names.filter { $0.hasSuffix(".jsonl") || $0.hasSuffix(".log") }.flatMap {
                try String(contentsOfFile: directory + "/audit/" + $0, encoding: .utf8).split(separator: "\n").map(String.init)
            }
        }
    }

    private static let path = "/2010-04-01/Accounts/AC1/Messages.json"

    private func send(_ client: RawSocket) {
        let body = "To=%2B14155550100&From=%2B15005550006&Body=x"
        client.write(
            "POST \(Self.path) HTTP/1.1\r\nhost: api.twilio.com\r\ncontent-type: application/x-www-form-urlencoded\r\n"
                + "content-length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test(arguments: ["x-http-method-override", "x-method-override", "x-original-url"])
    func aReadThatAsksToBeASendIsRefused(field: String) throws {
        let (_, port) = RawSocket.listening()
        let gate = try Gate(provider: port)
        let client = RawSocket(connectingTo: gate.engine.ports[0])
        client.write("GET \(Self.path)?To=%2B14155550100&Body=x HTTP/1.1\r\nhost: api.twilio.com\r\n\(field): POST\r\n\r\n")
        #expect(client.read(through: "\r\n").hasPrefix("HTTP/1.1 400"))
        _ = try gate.end()
    }

    /// The second request uses the memory of the first, which was sent.
    @Test func aSendThatNeverLeftIsRecordedAsUnsent() throws {
        var listener: RawSocket?
        let port: Int
        (listener, port) = RawSocket.listening()
        let gate = try Gate(provider: port)
        let client = RawSocket(connectingTo: gate.engine.ports[0])
        send(client)
        let provider = try #require(listener?.accepted())
        _ = provider.read(through: "Body=x")
        provider.write("HTTP/1.1 201 Created\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        #expect(client.read(through: "{}").hasPrefix("HTTP/1.1 201"))
        listener = nil
        send(client)
        #expect(client.read(through: "\r\n").hasPrefix("HTTP/1.1 502"))
        let outcomes = try gate.end().filter { $0.contains(#""outcome""#) || $0.contains(#""result""#) }
        #expect(outcomes.count == 2)
        #expect(outcomes.last?.contains("unsent") == true)
    }
}
