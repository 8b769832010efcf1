import Foundation
import TLSKit
import Testing

@Suite struct SecretFileTests {
    @Test(arguments: [(0o600, true), (0o400, true), (0o640, false), (0o644, false), (0o700, false)])
    func onlyItsOwnerMayReadIt(_ mode: Int, _ isGood: Bool) throws {
        let path = NSTemporaryDirectory() + "stopgate-secret-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data("key = s3cret".utf8), attributes: [.posixPermissions: mode]))
        if isGood {
            #expect(try SecretFile.read(path) == Array("key = s3cret".utf8))
        } else {
            let problem = #expect(throws: TLSProblem.self) { try SecretFile.read(path) }
            #expect("\(String(describing: problem))".contains("chmod 600"))
            #expect(!"\(String(describing: problem))".contains("s3cret"))
        }
    }

    @Test func whatIsNoFileIsRefused() {
        #expect(throws: TLSProblem.self) { try SecretFile.read(NSTemporaryDirectory()) }
        #expect(throws: TLSProblem.self) { try SecretFile.read("/nonexistent/secret") }
    }
}
