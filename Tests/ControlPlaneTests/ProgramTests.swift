import ControlPlane
import Foundation
import Testing

/// Opt-outs from one program, and sends that name theirs.
@Suite(.serialized) struct ProgramTests {
    private static let programs = "programs: [news, orders]"
    private static let ada = "+14155550123"

    private func send(_ gate: TestGate, _ program: String?) async throws -> Int {
        var fields = ["content-type": "application/x-www-form-urlencoded"]
        fields["stopgate-program"] = program
        let answer = try await gate.proxy.call(
            "POST", "/twilio/2010-04-01/Accounts/AC1/Messages.json", fields: fields,
            body: "To=%2B14155550123&From=%2B15005550006&Body=hello")
        return answer.status
    }

    /// Statuses of a send of `news`, of `orders`, and of one that names no program.
    private func sends(_ gate: TestGate) async throws -> [Int] {
        [try await send(gate, "news"), try await send(gate, "orders"), try await send(gate, nil)]
    }

    private func remove(_ gate: TestGate, _ scope: String) async throws {
        let answer = try await gate.admin.call(
            "POST", "/v1/suppressions/remove", fields: ["content-type": "application/json"],
            body: #"{"identifier":"\#(Self.ada)","scope":"\#(scope)","reason":"wrong-number","actor":"ada"}"#)
        #expect(answer.status == 200, "\(answer.body)")
    }

    @Test func anOptOutOfAProgramBlocksThatProgramAndWhatNamesNone() async throws {
        let gate = try await TestGate(extra: Self.programs)
        #expect(try await sends(gate) == [201, 201, 201])
        #expect(gate.provider.requests.allSatisfy { $0.fields["stopgate-program"] == nil }, "the field is ours")
        _ = try await gate.add(#"{"identifier":"\#(Self.ada)","scope":"program:news"}"#)
        #expect(try await sends(gate) == [400, 201, 400])
        // One more, and the first is taken back: what names no program is still blocked by the other.
        _ = try await gate.add(#"{"identifier":"\#(Self.ada)","scope":"program:orders"}"#)
        #expect(try await sends(gate) == [400, 400, 400])
        try await remove(gate, "program:news")
        #expect(try await sends(gate) == [201, 400, 400])
        try await gate.restart()
        #expect(try await sends(gate) == [201, 400, 400])
        // Built anew from the ledger it is the same.
        await gate.stop()
        try FileManager.default.removeItem(atPath: gate.directory + "/data/index/index.snapshot")
        try await gate.restart()
        #expect(try await sends(gate) == [201, 400, 400])
        try await remove(gate, "program:orders")
        #expect(try await sends(gate) == [201, 201, 201])
        await gate.end()
    }

    /// Nobody tells the gate which sends are marketing, or come from a brand.
    @Test(arguments: ["everything", "purpose:marketing", "brand:acme", "sender:+15005550006"])
    func everyOtherScopeBlocksEverySend(_ scope: String) async throws {
        let gate = try await TestGate(extra: Self.programs)
        _ = try await gate.add(#"{"identifier":"\#(Self.ada)","scope":"program:news"}"#)
        _ = try await gate.add(#"{"identifier":"\#(Self.ada)","scope":"\#(scope)"}"#)
        #expect(try await sends(gate) == [400, 400, 400])
        try await remove(gate, scope)
        #expect(try await sends(gate) == [400, 201, 400])
        await gate.end()
    }

    @Test func aProgramThatIsNotDeclaredIsRefused() async throws {
        let gate = try await TestGate(extra: Self.programs)
        for name in ["new", "News", "news ,orders", "", "program:news"] {
            #expect(try await send(gate, name) == 400, "\(name)")
        }
        #expect(gate.provider.requests.isEmpty)
        await gate.end()
    }

    @Test func aProgramIsNoWayAroundAList() async throws {
        let gate = try await TestGate(extra: Self.programs)
        let path = gate.directory + "/list.csv"
        try "\(Self.ada)\n".write(toFile: path, atomically: true, encoding: .utf8)
        let answer = try await gate.admin.call(
            "POST", "/v1/lists/dnc", fields: ["content-type": "application/json"], body: #"{"path":"\#(path)","kind":"phone","program":"news"}"#)
        #expect(answer.body.contains("\"done\""), "\(answer.body)")
        #expect(try await sends(gate) == [400, 400, 400])
        await gate.end()
    }
}
