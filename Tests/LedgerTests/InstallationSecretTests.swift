import Foundation
import Testing

@testable import Ledger

@Suite struct InstallationSecretTests {
    @Test func itIsMadeOnceAndKept() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("secret")
        let made = try InstallationSecret.loadOrCreate(path: path)
        #expect(made.bytes.count == 16 && Set(made.bytes).count > 1)
        #expect(try InstallationSecret.loadOrCreate(path: path).bytes == made.bytes)
        #expect(try InstallationSecret.loadOrCreate(path: directory.file("other")).bytes != made.bytes)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["other", "secret"])
    }

    @Test(arguments: [0o640, 0o604, 0o666, 0o610])
    func aFileThatOthersMayUseIsRefused(mode: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("secret")
        _ = try InstallationSecret.loadOrCreate(path: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect(throws: InstallationSecret.Failure.tooOpen(path: path, mode: mode)) { try InstallationSecret.loadOrCreate(path: path) }
    }

    @Test(arguments: [0, 15, 17])
    func aFileOfAnotherLengthIsRefusedAndLeftAsItIs(count: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("secret")
        let bytes = Data(repeating: 7, count: count)
        #expect(FileManager.default.createFile(atPath: path, contents: bytes, attributes: [.posixPermissions: 0o600]))
        #expect(throws: InstallationSecret.Failure.wrongLength(path: path, count: count)) { try InstallationSecret.loadOrCreate(path: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test func manyAtOnceAgree() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("secret")
        let secrets = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<16 { group.addTask { try InstallationSecret.loadOrCreate(path: path).bytes } }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(secrets.count == 1)
    }
}
