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

        /// - Parameter adapter: the file of one more provider, acme, which is at the same port.
        init(provider port: Int, adapter: String? = nil) throws {
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
            var origins = "    twilio: {origin: \"http://127.0.0.1:\(port)\"}\n"
            if let adapter {
                try adapter.write(toFile: directory + "/policies/providers/acme.yaml", atomically: true, encoding: .utf8)
                origins += "    acme: {origin: \"http://127.0.0.1:\(port)\"}\n"
            }
            try text.replacing("upstream:\n", with: "upstream:\n  providers:\n\(origins)")
                .replacing("enabled: [twilio", with: adapter == nil ? "enabled: [twilio" : "enabled: [acme, twilio")
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

    private static let acme = """
        provider: acme
        hosts: api.acme.example
        prefix: /acme
        origin: https://api.acme.example
        pass: [{call: POST /, field: Action, value: List}]
        undo: {calls: ["DELETE /optouts/{id}"]}
        endpoints:
          - id: publish
            method: POST
            path: /
            match: {field: Action, value: Publish}
            body: form
            body_limit: 1MiB
            channels: [sms]
            mode: single
            recipients: [{at: To, kind: phone, required: true}]
            data: [Message]
          - id: get
            method: GET
            path: /send
            body: none
            body_limit: 1KiB
            channels: [sms]
            mode: single
            recipients: [{at: to, kind: phone, in: query}]
          - id: device
            method: POST
            path: /device/{number}
            body: none
            body_limit: 1KiB
            channels: [sms]
            mode: single
            recipients: [{at: number, kind: phone, in: path}, {at: X-Also, kind: phone, in: header}]
        errors:
          suppressed: {status: 400, content_type: application/json, body: '{"code":1}'}
          refused: {content_type: application/json, body: '{"error":"{{message}}"}'}
        """

    private func request(_ line: String, _ fields: String = "", _ body: String = "") -> String {
        let length = body.isEmpty ? "" : "content-length: \(body.utf8.count)\r\n"
        return "\(line) HTTP/1.1\r\nhost: api.acme.example\r\n\(fields)\(length)\r\n\(body)"
    }

    private static let form = "content-type: application/x-www-form-urlencoded\r\n"

    /// The call is chosen when the body is there; what goes on goes on whole.
    @Test(arguments: [
        ("POST /", form, "Action=Publish&To=%2B14155550111&Message=x", "allow"), ("POST /", form, "Action=List&NextToken=abc", "pass"),
        ("GET /send?to=14155550111", "", "", "allow"), ("GET /lists", "", "", "pass"), ("POST /device/14155550111", "", "", "allow"),
        ("POST /device/14155550111", "x-also: 14155550112\r\n", "", "allow"), ("POST /?Action=List", form, "NextToken=abc", "pass"),
    ]) func aCallThatMayGoOnDoes(line: String, fields: String, body: String, verdict: String) throws {
        let (listener, port) = RawSocket.listening()
        let gate = try Gate(provider: port, adapter: Self.acme)
        let client = RawSocket(connectingTo: gate.engine.ports[0])
        client.write(request(line, fields, body))
        let provider = try #require(listener.accepted())
        let received = provider.read(through: body.isEmpty ? "\r\n\r\n" : body)
        #expect(received.hasPrefix("\(line) HTTP/1.1\r\n"))
        #expect(received.hasSuffix("\r\n\r\n\(body)"))
        provider.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        let answer = client.read(through: "\r\n\r\nok")
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        #expect(answer.contains("stopgate-verdict: allow") == (verdict == "allow"))
        _ = try gate.end()
    }

    @Test(arguments: [
        ("POST /", form, "Action=Other&To=%2B14155550111", 404), ("POST /", form, "To=%2B14155550111", 404), ("POST /", form, "Action=publish&To=%2B14155550111", 400),
        ("POST /", form, "Action=List&Action=Publish&To=%2B14155550111", 400), ("POST /?Action=List", form, "Action=Publish&To=%2B14155550111", 400),
        ("POST /", form, "action=List&To=%2B14155550111", 400), ("POST /", form, "Action=Publish&Message=x", 400), ("POST /", form, "Action=%zz", 400),
        ("POST /", "content-type: application/json\r\n", "{\"Action\":\"List\"}", 415), ("POST /", "", "Action=List", 415),
        ("DELETE /optouts/7", "", "", 403), ("HEAD /send?to=14155550111", "", "", 405), ("GET /send", "", "", 400),
        ("GET /send?to=14155550111", form, "to=14155550111", 415), ("POST /device/12", "", "", 400), ("POST /device/14155550111.json", "", "", 400),
        ("POST /device/14155550111", "x-also: 14155550112\r\nx-also: 14155550113\r\n", "", 400),
    ]) func aCallThatMayBeSomethingElseDoesNot(line: String, fields: String, body: String, status: Int) throws {
        let (_, port) = RawSocket.listening()
        let gate = try Gate(provider: port, adapter: Self.acme)
        let client = RawSocket(connectingTo: gate.engine.ports[0])
        client.write(request(line, fields, body))
        let head = client.read(through: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 \(status)"), "\(head)")
        #expect(head.contains("stopgate-verdict: refuse"), "\(head)")
        _ = try gate.end()
    }
}
