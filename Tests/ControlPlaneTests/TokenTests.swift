import Foundation
import Ledger
import Testing

@testable import ControlPlane

@Suite struct TokenTests {
    let directory: String
    let file: TokenFile

    init() throws {
        directory = "/tmp/sg-token-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        file = TokenFile(directory + "/tokens.json")
    }

    @Test func whatIsKeptIsADigest() throws {
        let (secret, token) = try file.create(name: "crm", scopes: [.write], expires: nil, by: "uid:0")
        #expect(secret.hasPrefix("stopgate_") && secret.utf8.count == 9 + 43)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(!text.contains(secret) && !text.contains(secret.dropFirst(9)))
        #expect(text.contains(token.sha256))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(try file.create(name: "other", scopes: [.write], expires: nil, by: "uid:0").secret != secret)
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func badOrdersAreRefused() throws {
        _ = try file.create(name: "crm", scopes: [.read], expires: nil, by: "uid:0")
        for name in ["", "CRM", "1crm", "c r m", "crm\n", String(repeating: "a", count: 65), "çrm"] {
            #expect(throws: TokenFailure.badName(name)) { try file.create(name: name, scopes: [.read], expires: nil, by: "uid:0") }
        }
        #expect(throws: TokenFailure.nameTaken("crm")) { try file.create(name: "crm", scopes: [.read], expires: nil, by: "uid:0") }
        #expect(throws: TokenFailure.noScope) { try file.create(name: "x", scopes: [], expires: nil, by: "uid:0") }
        #expect(throws: TokenFailure.self) { try file.create(name: "x", scopes: [.read], expires: Timestamp(milliseconds: 5), by: "uid:0") }
        #expect(throws: TokenFailure.unknownName("y")) { try file.revoke("y", by: "uid:0") }
        // A revoked token's name stays taken.
        try file.revoke("crm", by: "uid:0")
        #expect(throws: TokenFailure.nameTaken("crm")) { try file.create(name: "crm", scopes: [.read], expires: nil, by: "uid:0") }
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func theGuardFollowsTheFile() throws {
        let changes = Changes()
        let guardian = TokenGuard(file) { changes.add($0, $1) }
        #expect(try guardian.check("stopgate_x") == .unknown)
        let now = Timestamp.now(), later = Timestamp(milliseconds: now.milliseconds + 60_000)
        let (secret, token) = try file.create(name: "crm", scopes: [.read], expires: later, by: "uid:7")
        #expect(try guardian.check(secret) == .known(token))
        #expect(try guardian.check(secret + "x") == .unknown)
        #expect(try guardian.check(String(secret.dropLast())) == .unknown)
        #expect(try guardian.check("") == .unknown)
        #expect(try guardian.check(secret, now: later) == .expired(token))
        let revoked = try file.revoke("crm", by: "uid:8")
        #expect(try guardian.check(secret) == .revoked(revoked))
        #expect(changes.all.map(\.1.count) == [1, 1] && changes.all.last?.1.first?.revokedBy == "uid:8")
        try FileManager.default.removeItem(atPath: directory)
    }

    /// What cannot be read, or may be read by others, lets nobody in.
    @Test func aBadFileLetsNobodyIn() throws {
        let (secret, token) = try file.create(name: "crm", scopes: [.read], expires: nil, by: "uid:0")
        let guardian = TokenGuard(file) { _, _ in }
        #expect(try guardian.check(secret) == .known(token))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        #expect(throws: TokenFailure.self) { try guardian.check(secret) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        #expect(try guardian.check(secret) == .known(token))
        for text in ["", "{", "[]", #"{"version":2,"tokens":[]}"#, #"{"version":1,"tokens":[{"name":"crm"}]}"#] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
            #expect(throws: TokenFailure.self, "\(text)") { try guardian.check(secret) }
        }
        // An unreadable end is no reason to let somebody in.
        var odd = token
        odd.expiresAt = "soon"
        #expect(odd.state(at: .now()) == .expired)
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func scopesReachNoFurther() {
        func token(_ scopes: [AdminScope]) -> AdminToken { AdminToken(name: "t", sha256: "", scopes: scopes, createdAt: "", createdBy: "") }
        for (scopes, allowed) in [
            ([AdminScope.read], [AdminScope.read]), ([.write], [.write]), ([.read, .write], [.read, .write]), ([.admin], AdminScope.allCases), ([], []),
        ] {
            #expect(AdminScope.allCases.filter(token(scopes).allows) == allowed)
        }
    }

    @Test func refusalsComeBackSlowly() {
        let start = ContinuousClock.now, limit = RefusalLimit(capacity: 3, perSecond: 0.5, now: start)
        #expect((0..<3).allSatisfy { _ in limit.take(now: start) == nil })
        #expect(limit.take(now: start) == 2)
        #expect(limit.take(now: start + .seconds(2)) == nil)
        #expect(limit.take(now: start + .seconds(2)) == 2)
        // A long time brings no more than the capacity.
        #expect((0..<3).allSatisfy { _ in limit.take(now: start + .seconds(5000)) == nil })
        #expect(limit.take(now: start + .seconds(5000)) != nil)
    }
}

private final class Changes: @unchecked Sendable {
    private let lock = NSLock()
    private var found: [([AdminToken], [AdminToken])] = []
    var all: [([AdminToken], [AdminToken])] { lock.withLock { found } }
    func add(_ before: [AdminToken], _ after: [AdminToken]) { lock.withLock { found.append((before, after)) } }
}
