import ControlPlane
import Foundation
import Testing

@Suite(.serialized) struct GateRuntimeTests {
    @Test func anAcknowledgedOptOutBlocksTheNextSend() async throws {
        let gate = try await TestGate()
        #expect(try await gate.send(to: "+14155550123").status == 201)
        let added = try await gate.add(#"{"identifier":"(415) 555-0123","reason":"complaint"}"#)
        #expect(added.status == 201)
        #expect(added.member("enforced") == true)
        let blocked = try await gate.send(to: "+14155550123")
        #expect(blocked.status == 400)
        #expect(blocked.member("code") == 21610)
        #expect(try await gate.send(to: "+14155550124").status == 201)
        #expect(gate.provider.requests.count == 2)
        await gate.end()
    }

    /// Many senders at once while opt-outs are acknowledged: after each acknowledgement not one send to that number arrives.
    @Test func noSendBeginsAfterTheAcknowledgement() async throws {
        let gate = try await TestGate()
        for round in 0..<10 {
            let number = "+1415555020\(round)"
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { for _ in 0..<3 { _ = try? await gate.send(to: number) } } }
                group.addTask { _ = try? await gate.add(#"{"identifier":"\#(number)"}"#) }
            }
            let before = gate.provider.requests.count
            #expect(try await gate.send(to: number).status == 400)
            #expect(gate.provider.requests.count == before)
        }
        await gate.end()
    }

    @Test func aRemovalOpensOnlyWithReasonAndName() async throws {
        let gate = try await TestGate()
        _ = try await gate.add(#"{"identifier":"+14155550123"}"#)
        let json = ["content-type": "application/json"]
        let nameless = try await gate.admin.call("POST", "/v1/suppressions/remove", fields: json, body: #"{"identifier":"+14155550123","reason":"wrong-number"}"#)
        #expect(nameless.status == 422)
        #expect(nameless.member("at") == "actor")
        #expect(try await gate.send(to: "+14155550123").status == 400)
        let removed = try await gate.admin.call(
            "POST", "/v1/suppressions/remove", fields: json, body: #"{"identifier":"+14155550123","reason":"wrong-number","actor":"ada"}"#)
        #expect(removed.status == 200)
        #expect(try await gate.send(to: "+14155550123").status == 201)
        await gate.end()
    }

    @Test func aRestartKeepsEverything() async throws {
        let gate = try await TestGate()
        _ = try await gate.add(#"{"identifier":"+14155550123"}"#)
        #expect(try await gate.text(from: "+14155550199", "STOP", sid: "SM1").status == 200)
        try await gate.restart()
        #expect(try await gate.send(to: "+14155550123").status == 400)
        #expect(try await gate.send(to: "+14155550199").status == 400)
        #expect(try await gate.send(to: "+14155550100").status == 201)
        await gate.end()
    }

    /// The snapshot is a copy: without it, or with a broken one, the ledger builds it anew.
    @Test(arguments: [true, false]) func aLostOrDamagedIndexIsBuiltAnew(isLost: Bool) async throws {
        let gate = try await TestGate()
        _ = try await gate.add(#"{"identifier":"+14155550123"}"#)
        _ = try await gate.add(#"{"identifier":"ada@example.com","scope":"purpose:marketing"}"#)
        await gate.stop()
        let snapshot = gate.directory + "/data/index/index.snapshot"
        #expect(FileManager.default.fileExists(atPath: snapshot))
        if isLost {
            try FileManager.default.removeItem(atPath: snapshot)
        } else {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: snapshot))
            for index in 0..<64 { bytes[index] ^= 0xff }
            try bytes.write(to: URL(fileURLWithPath: snapshot))
        }
        try await gate.restart()
        #expect(try await gate.health.call("GET", "/ready").status == 200)
        #expect(try await gate.send(to: "+14155550123").status == 400)
        #expect(try await gate.send(to: "+14155550124").status == 201)
        await gate.end()
    }

    /// As after kill -9: the snapshot is older than opt-outs from all marketing, which the start replays over it.
    @Test func aStartReplaysWhatTheSnapshotLacks() async throws {
        let gate = try await TestGate()
        _ = try await gate.add(#"{"identifier":"+14155550121"}"#)
        await gate.stop()
        let snapshot = gate.directory + "/data/index/index.snapshot"
        let old = try Data(contentsOf: URL(fileURLWithPath: snapshot))
        try await gate.restart()
        _ = try await gate.add(#"{"identifier":"+14155550122","scope":"purpose:marketing","channels":["sms"]}"#)
        _ = try await gate.add(#"{"identifier":"+14155550122","channels":["voice"]}"#)
        await gate.stop()
        try await gate.whileStopped { try old.write(to: URL(fileURLWithPath: snapshot)) }
        for number in ["+14155550121", "+14155550122"] { #expect(try await gate.send(to: number).status == 400) }
        #expect(try await gate.send(to: "+14155550123").status == 201)
        await gate.end()
    }

    @Test func allMarketingBlocksLikeEverythingAndTheTwoAddUp() async throws {
        let gate = try await TestGate()
        let json = ["content-type": "application/json"]
        _ = try await gate.add(#"{"identifier":"+14155550123"}"#)
        _ = try await gate.add(#"{"identifier":"+14155550123","scope":"purpose:marketing"}"#)
        // Taking one back leaves the other.
        for scope in ["everything", "purpose:marketing"] {
            #expect(try await gate.send(to: "+14155550123").status == 400)
            let body = #"{"identifier":"+14155550123","scope":"\#(scope)","reason":"mistake","actor":"ada"}"#
            #expect(try await gate.admin.call("POST", "/v1/suppressions/remove", fields: json, body: body).status == 200)
        }
        #expect(try await gate.send(to: "+14155550123").status == 201)
        await gate.end()
    }

    @Test func aSecondGateOnTheSameFilesIsRefused() async throws {
        let gate = try await TestGate()
        await #expect(throws: (any Error).self) {
            _ = try await GateRuntime.start(
                .init(policies: gate.directory + "/policies", environment: ["TOKEN": "1"], version: "test") { _ in gate.runtime.logger })
        }
        #expect(try await gate.send(to: "+14155550123").status == 201)
        await gate.end()
    }

    @Test func theSocketBelongsToItsUserAlone() async throws {
        let gate = try await TestGate()
        let mode = try FileManager.default.attributesOfItem(atPath: gate.directory + "/admin.sock")[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        await gate.end()
    }
}
