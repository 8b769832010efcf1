import Bytes
import Testing
@testable import TLSKit

struct ClientAuthenticationTests {
    enum Mode: CaseIterable { case optional, required }
    enum Shown: CaseIterable { case nothing, good, withoutUsage, serverUsage, wrongAuthority, selfSigned, expired, notYetValid }

    let directory: TemporaryDirectory
    let forge: Forge
    let stranger: Forge

    init() throws {
        directory = try TemporaryDirectory()
        forge = try Forge(directory)
        stranger = try Forge(directory, name: "stranger")
    }

    private func shown(_ kind: Shown) throws -> TLSServerSettings.CertificateFiles? {
        let name = ["DNS:sender.example"]
        switch kind {
        case .nothing: return nil
        case .good: return try forge.pair(name, usage: "clientAuth")
        case .withoutUsage: return try forge.pair(name, usage: nil)
        case .serverUsage: return try forge.pair(name, usage: "serverAuth")
        case .wrongAuthority: return try stranger.pair(name, usage: "clientAuth")
        case .selfSigned: return try forge.pair(name, usage: "clientAuth", selfSigned: true)
        // Valid as the client loads it, so that it can be sent at all; see `link`.
        case .expired: return try forge.pair(name, usage: "clientAuth", from: -3 * Forge.day, to: -Forge.day)
        case .notYetValid: return try forge.pair(name, usage: "clientAuth", from: Forge.day, to: 3 * Forge.day)
        }
    }

    private func link(_ mode: Mode, _ kind: Shown, revocation: String? = nil) throws -> Link {
        let trust = TLSServerSettings.ClientTrust(authorities: forge.authorityFile, revocationLists: revocation)
        let server = try TLSServerContext(
            TLSServerMaterial(.init(
                certificates: [forge.pair(["DNS:a.example"])],
                clientAuthentication: mode == .required ? .required(trust) : .optional(trust))),
            tickets: nil)
        let shift: Int64 = kind == .expired ? -2 * Forge.day : kind == .notYetValid ? 2 * Forge.day : 0
        let client = try TLSClientContext(
            .init(authorities: forge.authorityFile, certificate: shown(kind)), now: UnixTime.now() + shift)
        var link = Link(client, try client.origin(host: "a.example"), server)
        link.handshake()
        return link
    }

    @Test(arguments: Mode.allCases, Shown.allCases)
    func matrix(mode: Mode, kind: Shown) throws {
        let link = try link(mode, kind)
        let isWelcome = kind == .good || kind == .nothing && mode == .optional
        #expect((link.serverStep == .moved(0)) == isWelcome)
        #expect(link.isUp == isWelcome)
        #expect(link.server.subject == (kind == .good ? "dns:sender.example" : nil))
        guard !isWelcome else { return }
        let reason = link.server.failure?.description
        switch kind {
        case .nothing: #expect(reason == "TLS: peer did not return a certificate")
        case .withoutUsage, .serverUsage: #expect(reason?.contains("certificate purpose") == true, "\(reason ?? "")")
        case .wrongAuthority: #expect(reason?.contains("unable to get local issuer") == true, "\(reason ?? "")")
        case .selfSigned: #expect(reason?.contains("self-signed") == true, "\(reason ?? "")")
        case .expired: #expect(reason == "certificate refused: certificate has expired")
        case .notYetValid: #expect(reason == "certificate refused: certificate is not yet valid")
        case .good: break
        }
    }

    @Test(arguments: [
        (["DNS:b.example", "URI:spiffe://x/y", "email:a@b.example"], "uri:spiffe://x/y"),
        (["DNS:b.example", "email:a@b.example"], "email:a@b.example"),
        (["DNS:B.example", "DNS:c.example"], "dns:b.example"),
        (["IP:127.0.0.1"], nil), ([], nil),
    ] as [([String], String?)])
    func identityComesFromTheAlternativeNames(names: [String], identity: String?) throws {
        let signed = try CertificateTemplate(
            commonName: "common.example", alternativeNames: names, notBefore: UnixTime.now(), notAfter: UnixTime.now() + 60
        ).sign(by: nil)
        #expect(signed.certificate.identity == identity)
    }
}
