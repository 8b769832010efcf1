import Bytes
import Foundation
import Testing
@testable import TLSKit

struct ServerMaterialTests {
    let directory: TemporaryDirectory
    let forge: Forge

    init() throws {
        directory = try TemporaryDirectory()
        forge = try Forge(directory)
    }

    private func refusal(_ settings: TLSServerSettings) -> TLSProblem? {
        do throws(TLSProblem) {
            _ = try TLSServerContext(TLSServerMaterial(settings), tickets: nil)
            return nil
        } catch {
            return error
        }
    }

    private func refusal(of files: TLSServerSettings.CertificateFiles) -> TLSProblem? { refusal(.init(certificates: [files])) }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o700, 0o610] as [mode_t])
    func aKeyOthersMayUseIsRefused(mode: mode_t) throws {
        let files = try forge.pair(["DNS:a.example"])
        #expect(chmod(files.key, mode) == 0)
        let problem = try #require(refusal(of: files))
        #expect(problem.file == files.key)
        #expect(problem.what.contains("mode 0\(String(mode, radix: 8))"))
        #expect(problem.remedy.contains("chmod 600"))
    }

    @Test(arguments: [0o600, 0o400] as [mode_t])
    func aKeyOfItsOwnerAloneIsTaken(mode: mode_t) throws {
        let files = try forge.pair(["DNS:a.example"])
        #expect(chmod(files.key, mode) == 0)
        #expect(refusal(of: files) == nil)
    }

    @Test func aPairThatDoesNotMatchIsRefused() throws {
        let one = try forge.pair(["DNS:a.example"]), other = try forge.pair(["DNS:a.example"])
        let problem = try #require(refusal(of: .init(chain: one.chain, key: other.key)))
        #expect(problem.file == other.key)
        #expect(problem.what == "is not the key of the certificate in \(one.chain)")
    }

    @Test func timeIsChecked() throws {
        let expired = try #require(refusal(of: forge.pair(["DNS:a.example"], from: -5 * Forge.day, to: -3 * Forge.day)))
        #expect(expired.what == "holds a certificate that expired 3 days ago")
        let early = try #require(refusal(of: forge.pair(["DNS:a.example"], from: 5 * Forge.day + 60)))
        #expect(early.what == "holds a certificate that is not valid for another 5 days")
    }

    @Test func unreadableFilesAreNamed() throws {
        let files = try forge.pair(["DNS:a.example"])
        let missing = directory.file("missing.pem")
        #expect(refusal(of: .init(chain: missing, key: files.key))?.description
            == "\(missing): cannot be read: No such file or directory. Check the path, and that the user stopgate runs as may read it.")
        #expect(refusal(of: .init(chain: files.chain, key: missing))?.file == missing)
        #expect(refusal(of: .init(chain: directory.path, key: files.key))?.what == "is not a file")
        let empty = try directory.write([], to: "empty.pem")
        #expect(refusal(of: .init(chain: empty, key: files.key))?.what == "holds no certificate")
        #expect(refusal(of: .init(chain: files.chain, key: empty))?.what.hasPrefix("holds no private key") == true)
        #expect(refusal(of: .init(chain: files.key, key: files.key))?.what == "holds no certificate")
        let text = try Data(contentsOf: URL(fileURLWithPath: files.chain))
        let cut = try directory.write(Array(text.prefix(text.count / 2)), to: "cut.pem")
        #expect(refusal(of: .init(chain: cut, key: files.key))?.what.hasPrefix("holds a broken certificate") == true)
        let large = try directory.write(.init(repeating: 0x20, count: PEMFile.limit + 1), to: "large.pem")
        #expect(refusal(of: .init(chain: large, key: files.key))?.what.hasPrefix("is larger than") == true)
        #expect(mkfifo(directory.file("pipe"), 0o600) == 0)
        #expect(refusal(of: .init(chain: files.chain, key: directory.file("pipe")))?.what == "is not a file")
    }

    @Test(.enabled(if: Tool.hasOpenSSL)) func anEncryptedKeyIsRefusedWithoutAsking() throws {
        let files = try forge.pair(["DNS:a.example"])
        let locked = directory.file("locked.pem")
        try #require(Tool.openssl("pkey", "-in", files.key, "-aes256", "-passout", "pass:x", "-out", locked).status == 0)
        #expect(chmod(locked, 0o600) == 0)
        #expect(refusal(of: .init(chain: files.chain, key: locked))?.what == "holds an encrypted key")
    }

    @Test(.enabled(if: Tool.hasOpenSSL)) func aWeakKeyIsRefused() throws {
        let chain = directory.file("weak.pem"), key = directory.file("weak-key.pem")
        try #require(Tool.openssl(
            "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=a", "-addext", "subjectAltName=DNS:a.example",
            "-keyout", key, "-out", chain).status == 0)
        #expect(chmod(key, 0o600) == 0)
        #expect(refusal(of: .init(chain: chain, key: key))?.what == "is refused by OpenSSL (ee key too small)")
    }

    @Test func namesDecideWhatIsServed() throws {
        let unnamed = try forge.pair([])
        #expect(refusal(of: unnamed)?.what.hasPrefix("has no DNS name") == true)
        #expect(refusal(.init(certificates: [unnamed], requireSNI: false)) == nil, "it can be the default")
        #expect(refusal(.init(certificates: []))?.what == "no certificate is configured")
        #expect(refusal(.init(certificates: [unnamed], requireSNI: false, defaultCertificate: 1))?.what == "the default certificate is number 1 of 1")
        let one = try forge.pair(["DNS:a.example"]), two = try forge.pair(["DNS:b.example", "DNS:A.example"])
        #expect(refusal(.init(certificates: [one, two]))?.what == "answers for a.example, and so does \(one.chain)")
        #expect(refusal(of: try forge.pair(["DNS:*.*.example"]))?.what == "names '*.*.example', which is no host name")
    }

    @Test(.enabled(if: Tool.hasOpenSSL)) func anECAndAnRSACertificateShareAName() throws {
        let chain = directory.file("rsa.pem"), key = directory.file("rsa-key.pem")
        try #require(Tool.openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a", "-addext", "subjectAltName=DNS:a.example",
            "-keyout", key, "-out", chain).status == 0)
        #expect(chmod(key, 0o600) == 0)
        let context = try TLSServerContext(
            TLSServerMaterial(.init(certificates: [forge.pair(["DNS:a.example"]), .init(chain: chain, key: key)])), tickets: nil)
        for (authorities, kind) in [(forge.authorityFile, "ECDSA"), (chain, "RSA")] {
            let client = try TLSClientContext(.init(authorities: authorities))
            client.limitToTLS12(suites: "ECDHE-\(kind)-AES128-GCM-SHA256")
            var link = Link(client, try client.origin(host: "a.example"), context)
            link.handshake()
            #expect(link.isUp, "\(kind)")
            #expect(link.client.cipherSuite == "ECDHE-\(kind)-AES128-GCM-SHA256")
        }
    }

    @Test func daysLeftCountsWholeDays() throws {
        let now = UnixTime.now()
        let material = try TLSServerMaterial(.init(certificates: [forge.pair(["DNS:B.example", "DNS:*.a.example"], to: 10 * Forge.day)]))
        let summary = try #require(material.certificates.first)
        #expect(summary.names == ["b.example", "*.a.example"])
        #expect(summary.daysLeft(now: summary.notAfter) == 0)
        #expect(summary.daysLeft(now: summary.notAfter - 86_400) == 1)
        #expect(summary.daysLeft(now: summary.notAfter - 86_399) == 0)
        #expect(summary.daysLeft(now: summary.notAfter + 1) == -1)
        #expect(summary.daysLeft(now: summary.notAfter + 86_400) == -1)
        #expect((9...10).contains(summary.daysLeft(now: now)))
    }

    @Test func aReloadServesNewConnectionsAndLeavesOldOnesAlone() throws {
        let files = try forge.pair(["DNS:a.example"])
        let client = try TLSClientContext(.init(authorities: forge.authorityFile))
        let origin = try client.origin(host: "a.example")
        let keys = TLSTicketKeys()
        var context: TLSServerContext? = try TLSServerContext(TLSServerMaterial(.init(certificates: [files])), tickets: keys)
        var old = Link(client, origin, try #require(context))
        old.handshake()
        var half = Link(client, origin, try #require(context))
        _ = half.client.advance()

        // Replaced on disk by a certificate for another name; then the file is broken, which changes nothing.
        let next = try forge.pair(["DNS:b.example"])
        for (from, to) in [(next.chain, files.chain), (next.key, files.key)] { #expect(rename(from, to) == 0) }
        context = try TLSServerContext(TLSServerMaterial(.init(certificates: [files])), tickets: keys)
        try directory.write([], to: String(files.key.split(separator: "/").last!))
        #expect(refusal(of: files) != nil)

        let renewed = try #require(context)
        var new = Link(client, try client.origin(host: "b.example"), renewed)
        new.handshake()
        #expect(new.isUp)
        var gone = Link(client, try client.origin(host: "a.example"), renewed)
        gone.handshake()
        #expect(!gone.isUp)
        // The context they came from is gone; they are not.
        #expect(old.server.write([1]) == .moved(1))
        #expect(old.client.read() == .wantsRead)
        #expect(old.client.received == [1])
        half.handshake()
        #expect(half.isUp)
    }

    @Test(.enabled(if: Tool.hasOpenSSL)) func revocationListsAreHonouredAndRefusedWhenStale() throws {
        let kit = try RevocationKit(directory)
        let files = kit.server
        func link(_ client: TLSServerSettings.CertificateFiles) throws -> Link {
            let material = try TLSServerMaterial(.init(
                certificates: [files],
                clientAuthentication: .required(.init(authorities: kit.authorityFile, revocationLists: kit.listFile))))
            let context = try TLSClientContext(.init(authorities: kit.authorityFile, certificate: client))
            var link = Link(context, try context.origin(host: "a.example"), try TLSServerContext(material, tickets: nil))
            link.handshake()
            return link
        }
        #expect(try link(kit.good).isUp)
        #expect(try link(kit.revoked).server.failure?.description == "certificate refused: certificate revoked")
        let stale = TLSServerSettings(
            certificates: [files], clientAuthentication: .required(.init(authorities: kit.authorityFile, revocationLists: kit.staleListFile)))
        #expect(refusal(stale)?.what == "holds a revocation list whose next update is overdue")
        let none = TLSServerSettings(
            certificates: [files], clientAuthentication: .required(.init(authorities: kit.authorityFile, revocationLists: kit.authorityFile)))
        #expect(refusal(none)?.what == "holds no revocation list")
    }
}
