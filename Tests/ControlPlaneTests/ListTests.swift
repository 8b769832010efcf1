import ControlPlane
import Foundation
import Policy
import Testing

@Suite(.serialized) struct ListTests {
    private static let json = ["content-type": "application/json"]

    private func file(_ gate: TestGate, _ name: String, _ lines: [String]) throws -> String {
        let path = "\(gate.directory)/\(name)"
        try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// The last line of a load's answer.
    private func load(_ gate: TestGate, _ name: String, _ path: String, more: String = "") async throws -> [String: Any] {
        let answer = try await gate.admin.call(
            "POST", "/v1/lists/\(name)", fields: Self.json, body: "{\"path\":\"\(path)\",\"kind\":\"phone\",\"reason\":\"dnc\"\(more)}")
        #expect(answer.status == 200)
        let last = try #require(answer.body.split(separator: "\n").last)
        return try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    }

    @Test func aListIsEnforcedExplainedRolledBackAndRemoved() async throws {
        let gate = try await TestGate()
        let one = try file(gate, "one.csv", ["phone", "+14155550101", "+14155550102", "nonsense"])
        let two = try file(gate, "two.csv", ["+14155550102", "+14155550103"])
        let done = try #require(try await load(gate, "dnc", one, more: ",\"rejected_rows\":\"\(gate.directory)/rejected.csv\"")["done"] as? [String: Any])
        #expect(done["enforced"] as? Bool == true && (done["list"] as? [String: Any])?["rejected"] as? Int == 1)
        #expect(try String(contentsOfFile: gate.directory + "/rejected.csv", encoding: .utf8).contains("\r\n4,"))
        #expect(try await gate.send(to: "+14155550101").status == 400)
        #expect(try await gate.send(to: "+14155550103").status == 201)
        let check = try await gate.admin.call("GET", "/v1/check?identifier=%2B14155550101")
        #expect(check.member("suppressed") == true)
        #expect(check.member("lists", as: [[String: Any]].self)?.first?["reason"] as? String == "dnc")
        #expect((try await load(gate, "dnc", one)["done"] as? [String: Any])?["unchanged"] as? Bool == true)
        _ = try await load(gate, "dnc", two)
        #expect(try await gate.send(to: "+14155550101").status == 201)
        #expect(try await gate.send(to: "+14155550103").status == 400)
        #expect(try await gate.admin.call("POST", "/v1/lists/dnc/rollback", fields: Self.json, body: "{}").status == 200)
        #expect(try await gate.send(to: "+14155550101").status == 400)
        #expect(try await gate.admin.call("GET", "/v1/lists").member("lists", as: [[String: Any]].self)?.count == 2)
        // An opt-out of the same person outlives the list.
        _ = try await gate.add(#"{"identifier":"+14155550102"}"#)
        try await gate.restart()
        #expect(try await gate.send(to: "+14155550101").status == 400)
        #expect(try await gate.admin.call("DELETE", "/v1/lists/dnc").status == 200)
        #expect(try await gate.send(to: "+14155550101").status == 201)
        #expect(try await gate.send(to: "+14155550102").status == 400)
        await gate.end()
    }

    @Test func badOrdersAreRefused() async throws {
        let gate = try await TestGate()
        let path = try file(gate, "one.csv", ["+14155550101"])
        for (name, body, status) in [
            ("dnc", "{}", 400), ("dnc", "{\"path\":\"one.csv\",\"kind\":\"phone\"}", 422), ("dnc", "{\"path\":\"\(path)\",\"kind\":\"fax\"}", 422),
            ("dnc", "{\"path\":\"\(path)\",\"kind\":\"phone\",\"region\":\"XX\"}", 422), ("dnc", "[", 400),
            ("dnc", "{\"path\":\"\(path)\",\"kind\":\"phone\",\"channels\":[\"fax\"]}", 422),
        ] {
            #expect(try await gate.admin.call("POST", "/v1/lists/\(name)", fields: Self.json, body: body).status == status, "\(body)")
        }
        #expect(try await load(gate, "UPPER", path)["failed"] as? String != nil)
        #expect(try await load(gate, "dnc", gate.directory + "/nowhere.csv")["failed"] as? String != nil)
        for call in ["/v1/lists/dnc/rollback"] { #expect(try await gate.admin.call("POST", call, fields: Self.json, body: "{}").status == 404) }
        #expect(try await gate.admin.call("DELETE", "/v1/lists/dnc").status == 404)
        #expect(try await gate.admin.call("POST", "/v1/backup", fields: Self.json, body: "{\"directory\":\"here\"}").status == 422)
        #expect(try await gate.admin.call("GET", "/v1/lists").member("lists", as: [[String: Any]].self)?.isEmpty == true)
        #expect(try await gate.send(to: "+14155550101").status == 201)
        await gate.end()
    }

    @Test func aBackupRestoresLedgerAndLists() async throws {
        let gate = try await TestGate()
        _ = try await load(gate, "dnc", try file(gate, "one.csv", ["+14155550101"]))
        _ = try await gate.add(#"{"identifier":"+14155550102"}"#)
        let target = gate.directory + "/backup"
        let receipt = try await gate.admin.call("POST", "/v1/backup", fields: Self.json, body: "{\"directory\":\"\(target)\"}")
        #expect(receipt.status == 201 && receipt.member("ledger_position") == 1)
        #expect(try await gate.admin.call("POST", "/v1/backup", fields: Self.json, body: "{\"directory\":\"\(target)\"}").status >= 400)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: target).contains { $0.contains("secret") } == false)
        #expect(try await gate.admin.call("DELETE", "/v1/lists/dnc").status == 200)
        _ = try await gate.add(#"{"identifier":"+14155550103"}"#)
        let storage = try PolicyLoader.load(directory: gate.directory + "/policies").settings.storage
        #expect(throws: (any Error).self, "not while the gate runs") { try InstallationBackup.restore(target, storage: storage) }
        await gate.stop()
        try await gate.whileStopped {
            let kept = try InstallationBackup.restore(target, storage: storage)
            #expect(FileManager.default.fileExists(atPath: kept + "/ledger.db"))
        }
        #expect(try await gate.send(to: "+14155550101").status == 400)
        #expect(try await gate.send(to: "+14155550102").status == 400)
        #expect(try await gate.send(to: "+14155550103").status == 201)
        await gate.end()
    }

    @Test func anotherSecretTakesEverybodyAlong() async throws {
        let gate = try await TestGate()
        let path = try file(gate, "one.csv", ["+14155550101"])
        _ = try await load(gate, "dnc", path)
        _ = try await load(gate, "old", try file(gate, "old.csv", ["+14155550109"]))
        _ = try await gate.add(#"{"identifier":"+14155550102"}"#)
        let secret = try Data(contentsOf: URL(fileURLWithPath: gate.directory + "/data/secret.key"))
        try FileManager.default.removeItem(atPath: gate.directory + "/old.csv")
        let refused = try await gate.admin.call("POST", "/v1/rotation", fields: Self.json, body: "{}")
        #expect(refused.body.contains("there is no file"))
        let receipt = try await gate.admin.call("POST", "/v1/rotation", fields: Self.json, body: #"{"drop_lists":["old"]}"#)
        #expect(receipt.body.contains("\"at_next_start\":true"))
        // After the preparation, before the exchange.
        _ = try await gate.add(#"{"identifier":"+14155550103"}"#)
        try await gate.restart()
        #expect(try Data(contentsOf: URL(fileURLWithPath: gate.directory + "/data/secret.key")) != secret)
        for number in ["+14155550101", "+14155550102", "+14155550103"] { #expect(try await gate.send(to: number).status == 400) }
        #expect(try await gate.send(to: "+14155550109").status == 201)
        #expect(!FileManager.default.fileExists(atPath: gate.directory + "/data/rotation"))
        await gate.end()
    }
}
