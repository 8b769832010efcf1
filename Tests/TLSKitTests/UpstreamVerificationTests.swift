import Bytes
import Testing
@testable import TLSKit

struct UpstreamVerificationTests {
    enum Server: CaseIterable { case good, wildcard, wrongName, commonNameOnly, expired, selfSigned, unknownAuthority, wrongUsage }

    let directory: TemporaryDirectory
    let forge: Forge
    let stranger: Forge

    init() throws {
        directory = try TemporaryDirectory()
        forge = try Forge(directory)
        stranger = try Forge(directory, name: "stranger")
    }

    private func pair(_ kind: Server) throws -> TLSServerSettings.CertificateFiles {
        let name = ["DNS:api.example.com"]
        switch kind {
        case .good: return try forge.pair(name)
        case .wildcard: return try forge.pair(["DNS:*.example.com"])
        case .wrongName: return try forge.pair(["DNS:api.example.org", "DNS:example.com"])
        case .commonNameOnly: return try forge.pair(["IP:192.0.2.1"])
        case .expired: return try forge.pair(name, from: -3 * Forge.day, to: -Forge.day)
        case .selfSigned: return try forge.pair(name, selfSigned: true)
        case .unknownAuthority: return try stranger.pair(name)
        case .wrongUsage: return try forge.pair(name, usage: "clientAuth")
        }
    }

    private func link(_ kind: Server, authorities: String?, host: String = "api.example.com") throws -> Link {
        let server = try CarelessServer(pair(kind), now: UnixTime.now() - (kind == .expired ? 2 * Forge.day : 0))
        let client = try TLSClientContext(.init(authorities: authorities))
        let origin = try client.origin(host: host)
        var link = Link({ client.connect(fd: $0, origin: origin, output: $1) }, { server.accept(fd: $0, output: $1) })
        link.handshake()
        return link
    }

    @Test(arguments: Server.allCases)
    func matrix(kind: Server) throws {
        let link = try link(kind, authorities: forge.authorityFile)
        #expect((link.clientStep == .moved(0)) == (kind == .good || kind == .wildcard))
        guard kind != .good, kind != .wildcard else { return }
        let failure = try #require(link.client.failure)
        #expect(failure.kind == .certificate)
        let reason = switch kind {
        case .wrongName, .commonNameOnly: "hostname mismatch"
        case .expired: "certificate has expired"
        case .selfSigned: "self-signed certificate"
        case .unknownAuthority: "unable to get local issuer certificate"
        case .wrongUsage: "unsuitable certificate purpose"
        case .good, .wildcard: ""
        }
        #expect(failure.description.hasPrefix("certificate refused: \(reason)"), "\(failure)")
        #expect(link.serverStep == .failed, "the server hears of it before anything is sent")
    }

    @Test func theSystemsAuthoritiesDoNotTrustOurs() throws {
        let link = try link(.good, authorities: nil)
        #expect(link.client.failure?.kind == .certificate)
    }

    @Test func anAddressIsVerifiedAsAnAddress() throws {
        #expect(try link(.commonNameOnly, authorities: forge.authorityFile, host: "192.0.2.1").isUp)
        let other = try link(.commonNameOnly, authorities: forge.authorityFile, host: "192.0.2.2")
        #expect(other.client.failure?.description == "certificate refused: IP address mismatch")
        let named = try link(.good, authorities: forge.authorityFile, host: "192.0.2.1")
        #expect(named.client.failure?.description == "certificate refused: IP address mismatch")
    }

    @Test func oneCertificateCanBePinned() throws {
        let files = try stranger.pair(["DNS:api.example.com"])
        let server = try CarelessServer(files)
        let client = try TLSClientContext(.init(authorities: files.chain))
        let origin = try client.origin(host: "api.example.com")
        var link = Link({ client.connect(fd: $0, origin: origin, output: $1) }, { server.accept(fd: $0, output: $1) })
        link.handshake()
        #expect(link.isUp)
    }

    @Test(.enabled(if: Tool.hasOpenSSL)) func aRevokedServerIsRefused() throws {
        let kit = try RevocationKit(directory)
        let client = try TLSClientContext(.init(authorities: kit.authorityFile, revocationLists: kit.listFile))
        for (files, host, reason) in [
            (kit.server, "a.example", nil), (kit.revokedServer, "r.example", "certificate refused: certificate revoked"),
        ] as [(TLSServerSettings.CertificateFiles, String, String?)] {
            let server = try CarelessServer(files)
            let origin = try client.origin(host: host)
            var link = Link({ client.connect(fd: $0, origin: origin, output: $1) }, { server.accept(fd: $0, output: $1) })
            link.handshake()
            #expect(link.client.failure?.description == reason)
            #expect(link.isUp == (reason == nil))
        }
        #expect(throws: TLSProblem.self) { try TLSClientContext(.init(revocationLists: kit.listFile)) }
        #expect(throws: TLSProblem.self) { try TLSClientContext(.init(authorities: kit.authorityFile, revocationLists: kit.staleListFile)) }
    }

    @Test func noCommonSuiteFails() throws {
        let server = try CarelessServer(forge.pair(["DNS:api.example.com"]), only: .tls12, suites: "DHE-RSA-AES128-GCM-SHA256")
        let client = try TLSClientContext(.init(authorities: forge.authorityFile))
        let origin = try client.origin(host: "api.example.com")
        var link = Link({ client.connect(fd: $0, origin: origin, output: $1) }, { server.accept(fd: $0, output: $1) })
        link.handshake()
        #expect(link.clientStep == .failed && link.serverStep == .failed)
    }

    @Test func tls12IsSpokenWithASuiteHTTP2Allows() throws {
        let server = try CarelessServer(forge.pair(["DNS:api.example.com"]), only: .tls12)
        let client = try TLSClientContext(.init(authorities: forge.authorityFile))
        let origin = try client.origin(host: "api.example.com")
        var link = Link({ client.connect(fd: $0, origin: origin, output: $1) }, { server.accept(fd: $0, output: $1) })
        link.handshake()
        #expect(link.isUp)
        #expect(link.client.version == .tls12)
        #expect(link.client.alpn == .none)
        #expect(link.client.cipherSuite.hasPrefix("ECDHE-ECDSA-"))
        // Where only TLS 1.3 will do, this server will not.
        let strict = try TLSClientContext(.init(authorities: forge.authorityFile, minimumVersion: .tls13))
        let strictOrigin = try strict.origin(host: "api.example.com")
        var refused = Link({ strict.connect(fd: $0, origin: strictOrigin, output: $1) }, { server.accept(fd: $0, output: $1) })
        refused.handshake()
        #expect(refused.clientStep == .failed)
    }

    @Test(arguments: ["", "https://api.example.com", "api.example.com:443", "[::1]", "*.example.com", "a b", "a\u{0}.example.com"])
    func whatIsNoHostIsRefused(host: String) throws {
        let client = try TLSClientContext(.init(authorities: forge.authorityFile))
        #expect(throws: TLSProblem.self) { try client.origin(host: host) }
    }
}
