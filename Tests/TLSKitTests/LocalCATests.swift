import Bytes
import Foundation
import Testing
@testable import TLSKit

struct LocalCATests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    private func problem(_ body: () throws(TLSProblem) -> Void) -> TLSProblem? {
        do throws(TLSProblem) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func filesAndModes() throws {
        let authority = try LocalCA.create(in: directory.file("certs"), permitted: ["twilio.example", "127.0.0.1"])
        let issued = try authority.issue(name: "twilio", subjects: ["api.twilio.example", "*.twilio.example", "127.0.0.1"], purpose: .server)
        #expect(mode(directory.file("certs")) == 0o700)
        #expect(mode(authority.authorityFile) == 0o644)
        #expect(mode(directory.file("certs/ca-key.pem")) == 0o600)
        #expect(issued.chainFile == directory.file("certs/twilio.pem"))
        #expect(mode(issued.chainFile) == 0o644)
        #expect(issued.keyFile == directory.file("certs/twilio-key.pem"))
        #expect(mode(issued.keyFile) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("certs")).sorted()
            == ["ca-key.pem", "ca.pem", "twilio-key.pem", "twilio.pem"], "nothing is left beside them")
    }

    @Test func whatItIssuesServes() throws {
        try #require(LocalCA.create(in: directory.path, permitted: ["example.com"]).directory == directory.path)
        let authority = try LocalCA.open(directory.path)
        let gate = try authority.issue(name: "gate", subjects: ["api.example.com"], purpose: .server)
        let sender = try authority.issue(name: "sender", subjects: ["sender-1.example.com"], purpose: .client, days: 1)
        #expect(sender.notAfter - UnixTime.now() <= 86_400)
        let server = try TLSServerContext(
            TLSServerMaterial(.init(
                certificates: [.init(chain: gate.chainFile, key: gate.keyFile)],
                clientAuthentication: .required(.init(authorities: authority.authorityFile)))), tickets: nil)
        let client = try TLSClientContext(
            .init(authorities: authority.authorityFile, certificate: .init(chain: sender.chainFile, key: sender.keyFile)))
        var link = Link(client, try client.origin(host: "api.example.com"), server)
        link.handshake()
        #expect(link.isUp)
        #expect(link.server.subject == "dns:sender-1.example.com")
        // A server's certificate is no client's.
        let posing = try TLSClientContext(
            .init(authorities: authority.authorityFile, certificate: .init(chain: gate.chainFile, key: gate.keyFile)))
        var refused = Link(posing, try posing.origin(host: "api.example.com"), server)
        refused.handshake()
        #expect(refused.server.failure?.kind == .certificate)
    }

    @Test func aSecondCADoesNotReplaceTheFirst() throws {
        _ = try LocalCA.create(in: directory.path, permitted: ["a.example"])
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.file("ca.pem")))
        #expect(problem { () throws(TLSProblem) in _ = try LocalCA.create(in: directory.path, permitted: ["b.example"]) }?.what == "is there already")
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.file("ca.pem"))) == before)
        #expect(unlink(directory.file("ca.pem")) == 0)
        #expect(problem { () throws(TLSProblem) in _ = try LocalCA.create(in: directory.path, permitted: ["b.example"]) }?.file == directory.file("ca-key.pem"))
    }

    @Test func renewalReplacesTheFiles() throws {
        let authority = try LocalCA.create(in: directory.path, permitted: ["a.example"])
        let first = try authority.issue(name: "gate", subjects: ["a.example"], purpose: .server)
        let before = try Data(contentsOf: URL(fileURLWithPath: first.chainFile))
        let second = try authority.issue(name: "gate", subjects: ["a.example"], purpose: .server)
        #expect(second == first)
        #expect(try Data(contentsOf: URL(fileURLWithPath: second.chainFile)) != before)
        _ = try TLSServerMaterial(.init(certificates: [.init(chain: second.chainFile, key: second.keyFile)]))
    }

    @Test(arguments: [
        (["example.com"], ["api.example.org"]), (["example.com"], ["notexample.com"]), (["example.com"], ["api.example.com", "other.org"]),
        (["example.com"], ["127.0.0.1"]), (["example.com"], ["::1"]), (["example.com", "10.0.0.0/8"], ["11.0.0.1"]),
        (["example.com", "10.0.0.0/8"], ["::1"]), (["example.com", "fd00::/8"], ["fe00::1"]), (["api.example.com"], ["*.example.com"]),
    ])
    func namesOutsideTheConstraintsAreRefused(permitted: [String], subjects: [String]) throws {
        let authority = try LocalCA.create(in: directory.path, permitted: permitted)
        let problem = problem { () throws(TLSProblem) in _ = try authority.issue(name: "x", subjects: subjects, purpose: .server) }
        #expect(problem?.what.contains("is not all within what") == true, "\(String(describing: problem))")
        #expect(access(directory.file("x.pem"), F_OK) != 0, "nothing was written")
    }

    @Test(arguments: [
        (["example.com"], ["example.com"]), ([".example.com"], ["a.b.example.com"]), (["*.Example.com"], ["*.example.com"]),
        (["localhost", "127.0.0.0/8", "::1"], ["localhost", "127.1.2.3", "::1"]), (["x.example", "fd00::/9"], ["fd7f::1"]),
        (["x.example", "10.1.2.3"], ["10.1.2.3"]), (["x.example", "0.0.0.0/0"], ["192.0.2.1"]),
    ])
    func namesWithinTheConstraintsAreIssued(permitted: [String], subjects: [String]) throws {
        let authority = try LocalCA.create(in: directory.path, permitted: permitted)
        _ = try authority.issue(name: "x", subjects: subjects, purpose: .server)
    }

    @Test func badArgumentsAreRefused() throws {
        for permitted in [[], ["127.0.0.1"], ["https://a.example"], ["a.example,URI:b"], ["a.example;DNS:b"], ["10.0.0.0/33"], ["10.0.0.0/"], ["a/b/c"], ["\n"]] {
            #expect(problem { () throws(TLSProblem) in _ = try LocalCA.create(in: directory.path, permitted: permitted) } != nil, "\(permitted)")
        }
        #expect(access(directory.file("ca.pem"), F_OK) != 0)
        #expect(problem { () throws(TLSProblem) in _ = try LocalCA.create(in: "/nowhere/at/all", permitted: ["a.example"]) }?.what.hasPrefix("cannot be made") == true)
        #expect(problem { () throws(TLSProblem) in _ = try LocalCA.open(directory.path) }?.what.hasPrefix("cannot be read") == true)
        let authority = try LocalCA.create(in: directory.path, permitted: ["a.example"])
        for name in ["", "ca", "ca-key", "../x", ".x", "a/b", "a b", "ä", String(repeating: "x", count: 201)] {
            #expect(problem { () throws(TLSProblem) in _ = try authority.issue(name: name, subjects: ["a.example"], purpose: .server) } != nil, "\(name)")
        }
        for subjects in [[], [""], ["a.example,DNS:evil.org"], ["a.example\nDNS:x"], ["*"], ["10.0.0.0/8"]] {
            #expect(problem { () throws(TLSProblem) in _ = try authority.issue(name: "x", subjects: subjects, purpose: .server) } != nil, "\(subjects)")
        }
        for days in [0, -1, 398, .max] {
            #expect(problem { () throws(TLSProblem) in _ = try authority.issue(name: "x", subjects: ["a.example"], purpose: .server, days: days) } != nil)
        }
        #expect(chmod(directory.file("ca-key.pem"), 0o644) == 0)
        #expect(problem { () throws(TLSProblem) in _ = try LocalCA.open(directory.path) }?.what.contains("mode 0644") == true)
    }

    @Test(.enabled(if: Tool.hasOpenSSL)) func opensslAgrees() throws {
        let authority = try LocalCA.create(in: directory.path, permitted: ["example.com", "127.0.0.1"])
        let server = try authority.issue(name: "gate", subjects: ["api.example.com", "127.0.0.1"], purpose: .server)
        let client = try authority.issue(name: "sender", subjects: ["sender.example.com"], purpose: .client)
        for (file, purpose) in [(server.chainFile, "sslserver"), (client.chainFile, "sslclient")] {
            let verified = try Tool.openssl("verify", "-x509_strict", "-CAfile", authority.authorityFile, "-purpose", purpose, file)
            #expect(verified.status == 0, "\(verified.output)")
        }
        #expect(try Tool.openssl("verify", "-CAfile", authority.authorityFile, "-purpose", "sslserver", client.chainFile).status != 0)
        #expect(try Tool.openssl("verify", "-CAfile", authority.authorityFile, "-verify_hostname", "api.example.com", server.chainFile).status == 0)
        #expect(try Tool.openssl("verify", "-CAfile", authority.authorityFile, "-verify_hostname", "example.com", server.chainFile).status != 0)
        let text = try Tool.openssl("x509", "-in", authority.authorityFile, "-noout", "-text").output
        for line in ["CA:TRUE, pathlen:0", "Name Constraints: critical", "DNS:example.com", "IP:127.0.0.1/255.255.255.255", "Certificate Sign, CRL Sign", "NIST CURVE: P-256"] {
            #expect(text.contains(line), "\(line)")
        }
        let leaf = try Tool.openssl("x509", "-in", server.chainFile, "-noout", "-text").output
        for line in ["CA:FALSE", "TLS Web Server Authentication", "DNS:api.example.com, IP Address:127.0.0.1", "ecdsa-with-SHA256"] {
            #expect(leaf.contains(line), "\(line)")
        }
    }
}
