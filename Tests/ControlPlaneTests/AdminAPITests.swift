import Foundation
import Testing

@Suite(.serialized) struct AdminAPITests {
    @Test func checkExplains() async throws {
        let gate = try await TestGate()
        _ = try await gate.add(#"{"identifier":"+14155550123","channels":["sms","voice"],"reason":"complaint","evidence":"leave me alone","actor":"ada"}"#)
        let answer = try await gate.admin.call("GET", "/v1/check?identifier=%2B14155550123")
        #expect(answer.member("suppressed") == true)
        let reading = try #require(answer.member("readings", as: [[String: Any]].self)?.first)
        #expect(reading["blocked"] as? [String] == ["sms", "voice"])
        let holding = try #require((reading["holdings"] as? [[String: Any]])?.first)
        #expect(holding["reason"] as? String == "complaint")
        #expect(holding["words"] as? String == "leave me alone")
        #expect(holding["actor"] as? String == "ada")
        #expect(try await gate.admin.call("GET", "/v1/check?identifier=%2B14155550999").member("suppressed") == false)
        await gate.end()
    }

    @Test func pagesCoverEverythingOnce() async throws {
        let gate = try await TestGate()
        for number in 0..<5 { _ = try await gate.add(#"{"identifier":"+1415555010\#(number)"}"#) }
        var seen: [String] = []
        var cursor: String? = "0"
        while let position = cursor {
            let page = try await gate.admin.call("GET", "/v1/suppressions?limit=2&cursor=\(position)")
            seen += (page.member("suppressions", as: [[String: Any]].self) ?? []).compactMap { $0["identifier"] as? String }
            cursor = page.member("next_cursor")
        }
        #expect(seen == (0..<5).map { "+1415555010\($0)" })
        await gate.end()
    }

    @Test func importIsEnforcedAndExportComesBack() async throws {
        let gate = try await TestGate()
        let file = "phone,channels\r\n+14155550111,sms\r\n(415) 555-0112,all\r\nnobody,sms\r\n"
        let csv = ["content-type": "text/csv"]
        let dry = try await gate.admin.call("POST", "/v1/import?dry_run=true", fields: csv, body: file)
        #expect(dry.member("added") == 2)
        #expect(try await gate.send(to: "+14155550112").status == 201)
        let receipt = try await gate.admin.call("POST", "/v1/import?source=test", fields: csv, body: file)
        #expect(receipt.status == 200)
        #expect(receipt.member("added") == 2)
        #expect(receipt.member("rejected") == 1)
        #expect(receipt.member("rejected_rows", as: [[String: Any]].self)?.first?["line"] as? Int == 4)
        #expect(try await gate.send(to: "+14155550111").status == 400)
        #expect(try await gate.send(to: "+14155550112").status == 400)
        #expect(try await gate.admin.call("POST", "/v1/import?source=test", fields: csv, body: file).member("known") == 2)
        let exported = try await gate.admin.call("GET", "/v1/export")
        #expect(exported.body.split(separator: "\r\n").count == 3)
        #expect(exported.body.contains("+14155550112"))
        let bad = try await gate.admin.call("POST", "/v1/import", fields: csv, body: "chanels\r\nsms\r\n")
        #expect(bad.status == 422)
        await gate.end()
    }

    @Test(arguments: [
        ("POST", "/v1/suppressions", #"{"identifier":"12"}"#, 422), ("POST", "/v1/suppressions", "{", 400), ("POST", "/v1/suppressions", "{}", 400),
        ("POST", "/v1/suppressions", #"{"identifier":"+14155550123","channels":["fax"]}"#, 422),
        ("POST", "/v1/suppressions", #"{"identifier":"+14155550123","scope":"program:"}"#, 422),
        ("POST", "/v1/suppressions", #"{"identifier":"+14155550123","requested_at":"yesterday"}"#, 422),
        ("GET", "/v1/suppressions?limit=x", "", 422), ("GET", "/v1/suppressions?colour=red", "", 422), ("GET", "/v1/export?format=xls", "", 422),
        ("GET", "/v2/status", "", 404), ("PUT", "/v1/suppressions", "{}", 405),
        ("POST", "/v1/suppressions", #"{"identifier":"+14155550123","chanels":["sms"]}"#, 422), ("GET", "/v1/suppressions?limit=0", "", 422),
        ("GET", "/v1/suppressions?limit=1&limit=2", "", 422), ("GET", "/v1/check", "", 422), ("POST", "/v1/import?dry_run=yes", "phone", 422),
        ("POST", "/v1/suppressions/batch", "{}", 400), ("POST", "/v1/suppressions/batch", #"{"orders":[]}"#, 422),
        ("POST", "/v1/links", #"{"identifier":"+14155550123","linked_identifier":"(415) 555-0123"}"#, 422),
        ("POST", "/v1/links/remove", #"{"identifier":"+14155550123","linked_identifier":"ada@example.com","reason":"x"}"#, 422),
    ])
    func mistakesAreNamed(method: String, target: String, body: String, status: Int) async throws {
        let gate = try await TestGate()
        let answer = try await gate.admin.call(method, target, fields: ["content-type": "application/json"], body: body)
        #expect(answer.status == status)
        #expect(answer.head.lowercased().contains("application/problem+json"))
        #expect(answer.member("detail", as: String.self)?.isEmpty == false)
        #expect(try await gate.admin.call("GET", "/v1/status").member("ledger_position") == 0)
        await gate.end()
    }

    @Test func theSameIdCountsOnceAndAnotherOrderUnderItIsRefused() async throws {
        let gate = try await TestGate()
        let order = #"{"identifier":"+14155550123","id":"crm-1"}"#
        #expect(try await gate.add(order).status == 201)
        #expect(try await gate.add(#"{"identifier":"+14155550124","id":"crm-1"}"#).status == 409)
        #expect(try await gate.send(to: "+14155550124").status == 201)
        await gate.end()
    }
}
