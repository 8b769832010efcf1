import Glibc
import Recipients
import Testing

@testable import Audit

@Suite struct AuditKeyTests {
    @Test func isMadeOnceAndReadAgain() throws {
        let scratch = Scratch()
        let first = try scratch.key()
        let second = try scratch.key()
        #expect(first.id == second.id)
        #expect(first.name(of: .phone, "+15551234567") == second.name(of: .phone, "+15551234567"))
        #expect(first.name(of: .phone, "+15551234567") != first.name(of: .external, "+15551234567"))
        var facts = stat()
        #expect(stat("\(scratch.path)/key", &facts) == 0)
        #expect(facts.st_mode & 0o7777 == 0o600)
        #expect(facts.st_size == 32)
        #expect(try Directory.names(scratch.path).filter { $0.hasPrefix("key") } == ["key"])
        #expect(try Scratch().key().id != first.id)
    }

    /// Another program computes the same name: printf 'phone:+15551234567' | openssl dgst -sha256 -hmac (32 times "k").
    @Test func namesArePlainHMAC() throws {
        let scratch = Scratch()
        scratch.write(Array(repeating: UInt8(ascii: "k"), count: 32), to: "key")
        #expect(try scratch.key().name(of: .phone, "+15551234567") == "81f9d0ac082d79e885968f93af0396d8")
    }

    @Test(arguments: [0o644, 0o640, 0o660, 0o400, 0o700, 0o4600] as [mode_t])
    func refusesOtherModes(_ mode: mode_t) throws {
        let scratch = Scratch()
        _ = try scratch.key()
        #expect(chmod("\(scratch.path)/key", mode) == 0)
        let failure = #expect(throws: AuditFailure.self) { try scratch.key() }
        #expect("\(try #require(failure))".contains("mode \(String(mode, radix: 8))"))
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func refusesOtherLengths(_ count: Int) throws {
        let scratch = Scratch()
        scratch.write(Array(repeating: 7, count: count), to: "key")
        #expect(throws: AuditFailure.self) { try scratch.key() }
    }

    @Test func refusesLinksAndDirectories() throws {
        let scratch = Scratch()
        scratch.write(Array(repeating: 7, count: 32), to: "elsewhere")
        symlink("\(scratch.path)/elsewhere", "\(scratch.path)/key")
        #expect(throws: AuditFailure.self) { try scratch.key() }
        #expect(throws: AuditFailure.self) { try AuditKey.loadOrCreate("/tmp") }
        #expect(throws: AuditFailure.self) { try AuditKey.load("\(scratch.path)/none") }
        #expect(throws: AuditFailure.self) { try AuditKey.loadOrCreate("\(scratch.path)/none/key") }
    }
}
