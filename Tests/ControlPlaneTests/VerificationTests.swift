import Foundation
import Ledger
import Policy
import Recipients
import Suppression
import TLSKit
import Testing
import TestSupport

@testable import ControlPlane

/// What `stopgate ledger verify` finds, and that it finds nothing where nothing is.
@Suite(.serialized) struct VerificationTests {
    private static let json = ["content-type": "application/json"]

    /// A gate with opt-outs, a link, a list, and changes over a snapshot.
    private func furnished() async throws -> TestGate {
        let gate = try await TestGate()
        for number in 0..<20 { _ = try await gate.add(#"{"identifier":"+141555501\#(10 + number)","channels":["sms","voice"]}"#) }
        _ = try await gate.add(#"{"identifier":"ada@example.com","reach":"person","scope":"purpose:marketing"}"#)
        _ = try await gate.admin.call("POST", "/v1/links", fields: Self.json, body: #"{"identifier":"ada@example.com","linked_identifier":"+14155550199"}"#)
        let path = gate.directory + "/list.csv"
        try (["phone"] + (0..<50).map { "+141555502\(10 + $0)" } + ["+14155550110"]).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let load = try await gate.admin.call("POST", "/v1/lists/dnc", fields: Self.json, body: #"{"path":"\#(path)","kind":"phone","channels":["voice"]}"#)
        #expect(load.body.contains("\"done\""))
        #expect(try await gate.admin.call("POST", "/v1/snapshot").status == 200)
        _ = try await gate.add(#"{"identifier":"late@example.com"}"#)
        _ = try await gate.admin.call(
            "POST", "/v1/suppressions/remove", fields: Self.json, body: #"{"identifier":"+14155550129","reason":"mistake","actor":"ann"}"#)
        return gate
    }

    private func verify(_ gate: TestGate) async throws -> [String: Any] {
        let answer = try await gate.admin.call("POST", "/v1/ledger/verify")
        let last = try #require(answer.body.split(separator: "\n").last)
        let line = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
        return try #require(line["done"] as? [String: Any], "\(last)")
    }

    @Test func aSoundGateIsSoundRunningAndStopped() async throws {
        let gate = try await furnished()
        let report = try await verify(gate)
        #expect(report["sound"] as? Bool == true, "\(report)")
        // 19 left of 20, an address and its linked number, a late one, 50 of the list of which one is an opt-out too.
        #expect(report["keys"] as? Int == 19 + 2 + 1 + 50)
        #expect(report["lists"] as? Int == 1)
        let storage = try gate.storage
        // As it lies there beside the gate: the snapshot and what a start would replay over it.
        let beside = try InstallationVerification.run(storage) { _, _, _ in }
        #expect(beside.sound && beside.keys == 72, "\(beside.problems)")
        await gate.stop()
        try await gate.whileStopped {
            let stopped = try InstallationVerification.run(storage) { _, _, _ in }
            #expect(stopped.sound && stopped.keys == 72, "\(stopped.problems)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: storage.directory).allSatisfy { !$0.hasPrefix("verification-") })
        }
        await gate.end()
    }

    @Test func anIndexThatHoldsTooLittleTooMuchOrOtherChannelsIsFound() async throws {
        let gate = try await furnished()
        let index = gate.runtime.parts.index, secret = gate.runtime.parts.secret, position = index.ledgerPosition
        func key(_ text: String) throws -> RecipientKey {
            try #require(try CanonicalIdentifier(parsing: text, rules: gate.runtime.parts.current.identifiers).keys(secret: secret).first)
        }
        let changes: [(String, () throws -> Void, () throws -> Void)] = [
            ("phone +1********11: the ledger suppresses sms voice, the index none",
             { try index.remove(try key("+14155550111"), ledgerPosition: position) },
             { try index.insert(try key("+14155550111"), [.init(.sms), .init(.voice)], ledgerPosition: position) }),
            ("phone +1********12: the ledger suppresses sms voice, the index voice",
             { try index.remove(try key("+14155550112"), .init(.sms), ledgerPosition: position) },
             { try index.insert(try key("+14155550112"), .init(.sms), ledgerPosition: position) }),
            ("a key of no opt-out in the ledger: the ledger suppresses none, the index email",
             { try index.insert(try key("nobody@example.com"), .init(.email), ledgerPosition: position) },
             { try index.remove(try key("nobody@example.com"), ledgerPosition: position) }),
            // The one that was removed must be gone.
            ("a key of no opt-out in the ledger: the ledger suppresses none, the index sms",
             { try index.insert(try key("+14155550129"), .init(.sms), ledgerPosition: position) },
             { try index.remove(try key("+14155550129"), ledgerPosition: position) }),
            // A list's: on it, and another.
            ("the lists suppress voice, the index none",
             { try index.remove(try key("+14155550211"), source: .list, ledgerPosition: position) },
             { try index.insert(try key("+14155550211"), .init(.voice), source: .list, ledgerPosition: position) }),
            ("the lists suppress none, the index sms",
             { try index.insert(try key("+14155550999"), .init(.sms), source: .list, ledgerPosition: position) },
             { try index.remove(try key("+14155550999"), source: .list, ledgerPosition: position) }),
        ]
        for (line, spoil, mend) in changes {
            try spoil()
            let report = try await verify(gate), problems = report["problems"] as? [String] ?? []
            #expect(report["sound"] as? Bool == false && problems.count == 1 && problems.first?.contains(line) == true, "\(line): \(problems)")
            #expect(problems.allSatisfy { !$0.contains("4155550") }, "nobody is named in plain")
            try mend()
        }
        #expect(try await verify(gate)["sound"] as? Bool == true)
        await gate.end()
    }

    /// Opt-outs and removals that come in while it compares are no contradiction.
    @Test func changesMeanwhileAreNoContradiction() async throws {
        let gate = try await furnished()
        let changing = Task {
            for number in 0..<150 {
                _ = try await gate.add(#"{"identifier":"+14155551\#(100 + number)"}"#)
                if number % 3 == 0 {
                    _ = try await gate.admin.call(
                        "POST", "/v1/suppressions/remove", fields: Self.json,
                        body: #"{"identifier":"+14155551\#(100 + number)","reason":"mistake","actor":"ann"}"#)
                }
                if number % 40 == 0 { _ = try await gate.admin.call("POST", "/v1/snapshot") }
            }
        }
        for _ in 0..<8 {
            let report = try await verify(gate)
            #expect(report["sound"] as? Bool == true, "\(report)")
        }
        try await changing.value
        #expect(try await verify(gate)["sound"] as? Bool == true)
        await gate.end()
    }

    /// One bit of any file, anywhere: it is found, or nothing that the file says has changed.
    @Test func aFlippedBitIsFound() async throws {
        let gate = try await furnished()
        await gate.stop()
        let storage = try closed(try gate.storage)
        defer { try? FileManager.default.removeItem(atPath: storage.directory) }
        for suffix in ["-wal", "-shm"] { #expect(!FileManager.default.fileExists(atPath: storage.ledgerFile + suffix)) }
        let whole = try dump(storage)
        let listFile = try #require(try FileManager.default.subpathsOfDirectory(atPath: storage.listsDirectory).first { $0.hasSuffix(".keys") })
        let names = ["ledger.sqlite", "index/index.snapshot", "lists/manifest.json", "lists/" + listFile]
        var generator = SeededGenerator(seed: 20_261_122)
        var found: [String: Int] = [:], harmless: [String: Int] = [:]
        for name in names {
            let original = try Data(contentsOf: URL(fileURLWithPath: storage.directory + "/" + name))
            for _ in 0..<40 {
                let copy = try copy(storage)
                defer { try? FileManager.default.removeItem(atPath: copy.directory) }
                var bytes = original
                let bit = Int.random(in: 0..<(bytes.count * 8), using: &generator)
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                try bytes.write(to: URL(fileURLWithPath: copy.directory + "/" + name))
                let report = try? InstallationVerification.run(copy) { _, _, _ in }
                if report?.sound != true {
                    found[name, default: 0] += 1
                } else {
                    // Bytes that nothing reads: room that SQLite has not used, padding between sections.
                    harmless[name, default: 0] += 1
                    #expect(try dump(copy) == whole, "\(name): bit \(bit) changed what the files say, and was not found")
                }
            }
        }
        #expect(found["lists/manifest.json"] == 40)
        #expect(names.allSatisfy { found[$0, default: 0] > 0 }, "found \(found), harmless \(harmless)")
        await gate.end()
    }

    @Test func aTruncatedFileIsFound() async throws {
        let gate = try await furnished()
        await gate.stop()
        let storage = try closed(try gate.storage)
        defer { try? FileManager.default.removeItem(atPath: storage.directory) }
        for name in ["ledger.sqlite", "index/index.snapshot", "lists/manifest.json"] {
            let copy = try copy(storage)
            let path = copy.directory + "/" + name
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
            #expect((try? InstallationVerification.run(copy) { _, _, _ in })?.sound != true, "\(name)")
            try FileManager.default.removeItem(atPath: copy.directory)
        }
        await gate.end()
    }

    /// A copy whose ledger is one file: opening and closing it folds SQLite's log in.
    private func closed(_ storage: Settings.Storage) throws -> Settings.Storage {
        let copy = try copy(storage)
        _ = try PreferenceLedger(path: copy.ledgerFile).lastPosition()
        return copy
    }

    private func copy(_ storage: Settings.Storage) throws -> Settings.Storage {
        var copy = storage
        copy.directory = "/tmp/sg-copy-" + MessageAuthentication.randomBytes(6).map { String($0, radix: 16) }.joined()
        try FileManager.default.copyItem(atPath: storage.directory, toPath: copy.directory)
        func moved(_ path: String) -> String { copy.directory + path.dropFirst(storage.directory.count) }
        copy.ledgerFile = moved(storage.ledgerFile)
        copy.auditDirectory = moved(storage.auditDirectory)
        copy.indexDirectory = moved(storage.indexDirectory)
        copy.secretFile = moved(storage.secretFile)
        return copy
    }

    /// Everything that the storage says: events, opt-outs, and whom index and lists block.
    private func dump(_ storage: Settings.Storage) throws -> String {
        let ledger = try PreferenceLedger(path: storage.ledgerFile, readOnly: true)
        var text = try ledger.events(after: 0).map { "\($0)" }.joined(separator: "\n")
        try ledger.forEachSuppression { text += "\n\($0)" }
        let secret = try DigestSecret(installation: storage.secretFile)
        let contents = try #require(try IndexContents.stored(in: storage.indexDirectory, secretID: secret.checkValue))
        let nothing = try copyOfNothing(secret)
        text += "\n\(try contents.compare(with: nothing, limit: 1000))"
        return text
    }

    private func copyOfNothing(_ secret: DigestSecret) throws -> IndexContents {
        let directory = "/tmp/sg-nothing-" + MessageAuthentication.randomBytes(6).map { String($0, radix: 16) }.joined()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try SuppressionIndex(directory: directory, secretID: secret.checkValue).contents()
    }
}
