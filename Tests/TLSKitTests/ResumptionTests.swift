import Bytes
import Testing
@testable import TLSKit

struct ResumptionTests {
    let directory: TemporaryDirectory
    let forge: Forge

    init() throws {
        directory = try TemporaryDirectory()
        forge = try Forge(directory)
    }

    private func material(_ authentication: TLSServerSettings.ClientAuthentication = .none, minimum: TLSVersion = .tls12) throws -> TLSServerMaterial {
        try TLSServerMaterial(.init(
            certificates: [forge.pair(["DNS:a.example", "DNS:b.example"])], minimumVersion: minimum, clientAuthentication: authentication))
    }

    private func makeClient(_ certificate: TLSServerSettings.CertificateFiles? = nil) throws -> TLSClientContext {
        try TLSClientContext(.init(authorities: forge.authorityFile, certificate: certificate))
    }

    private func isResumed(_ client: TLSClientContext, _ origin: TLSOrigin, _ server: TLSServerContext) throws -> Bool {
        var link = Link(client, origin, server)
        link.handshake()
        try #require(link.isUp, "\(String(describing: link.server.failure)) \(String(describing: link.client.failure))")
        #expect(link.client.isResumed == link.server.isResumed)
        #expect(link.server.isServerName(origin.host))
        return link.server.isResumed
    }

    @Test(arguments: [TLSVersion.tls12, .tls13]) func aClientComesBackToAnyWorker(version: TLSVersion) throws {
        let keys = TLSTicketKeys()
        let shared = try material()
        let workers = [try TLSServerContext(shared, tickets: keys), try TLSServerContext(shared, tickets: keys)]
        let client = try makeClient()
        if version == .tls12 { client.limitToTLS12() }
        let origin = try client.origin(host: "a.example")
        #expect(try !isResumed(client, origin, workers[0]))
        #expect(try isResumed(client, origin, workers[1]))
        #expect(try isResumed(client, origin, workers[0]))
        origin.forgetSession()
        #expect(try !isResumed(client, origin, workers[0]))
    }

    @Test(arguments: [TLSVersion.tls12, .tls13]) func anotherNameDoesNotResume(version: TLSVersion) throws {
        let server = try TLSServerContext(material(), tickets: TLSTicketKeys())
        let client = try makeClient()
        if version == .tls12 { client.limitToTLS12() }
        let a = try client.origin(host: "a.example"), b = try client.origin(host: "b.example")
        #expect(try !isResumed(client, a, server))
        a.lendSession(to: b)
        #expect(try !isResumed(client, b, server), "the ticket was issued for a.example")
        #expect(try isResumed(client, b, server), "and a new one for b.example came with the full handshake")
    }

    @Test func withoutKeysNobodyResumes() throws {
        let server = try TLSServerContext(material(), tickets: nil)
        let client = try makeClient()
        let origin = try client.origin(host: "a.example")
        for _ in 0..<3 { #expect(try !isResumed(client, origin, server)) }
    }

    @Test func keysOfAnotherProcessDoNotOpenATicket() throws {
        let shared = try material()
        let client = try makeClient()
        let origin = try client.origin(host: "a.example")
        #expect(try !isResumed(client, origin, TLSServerContext(shared, tickets: TLSTicketKeys())))
        #expect(try !isResumed(client, origin, TLSServerContext(shared, tickets: TLSTicketKeys())))
    }

    @Test(arguments: [TLSVersion.tls12, .tls13]) func theVerifiedClientComesBackWithItsIdentity(version: TLSVersion) throws {
        let trust = TLSServerSettings.ClientTrust(authorities: forge.authorityFile)
        let server = try TLSServerContext(material(.required(trust)), tickets: TLSTicketKeys())
        let client = try makeClient(forge.pair(["DNS:sender.example"], usage: "clientAuth"))
        if version == .tls12 { client.limitToTLS12() }
        let origin = try client.origin(host: "a.example")
        #expect(try !isResumed(client, origin, server))
        var link = Link(client, origin, server)
        link.handshake()
        #expect(link.isUp && link.server.isResumed)
        #expect(link.server.subject == "dns:sender.example")
    }

    @Test(arguments: [TLSVersion.tls12, .tls13]) func aClientThatIsNoLongerTrustedDoesNotResume(version: TLSVersion) throws {
        let keys = TLSTicketKeys()
        let other = try Forge(directory, name: "other")
        let both = try directory.write(forge.authority.certificatePEM + other.authority.certificatePEM, to: "both.pem")
        let client = try makeClient(other.pair(["DNS:sender.example"], usage: "clientAuth"))
        if version == .tls12 { client.limitToTLS12() }
        let origin = try client.origin(host: "a.example")
        #expect(try !isResumed(client, origin, TLSServerContext(material(.required(.init(authorities: both))), tickets: keys)))
        // The reload takes the client's CA away.
        let strict = try TLSServerContext(material(.required(.init(authorities: forge.authorityFile))), tickets: keys)
        var link = Link(client, origin, strict)
        link.handshake()
        #expect(!link.server.isResumed)
        #expect(link.server.failure?.kind == .certificate)
    }

    @Test func aTicketWithoutAClientCertificateIsWorthNothingWhereOneIsRequired() throws {
        let keys = TLSTicketKeys()
        let trust = TLSServerSettings.ClientTrust(authorities: forge.authorityFile)
        let anonymous = try makeClient()
        let origin = try anonymous.origin(host: "a.example")
        #expect(try !isResumed(anonymous, origin, TLSServerContext(material(.optional(trust)), tickets: keys)))
        var link = Link(anonymous, origin, try TLSServerContext(material(.required(trust)), tickets: keys))
        link.handshake()
        #expect(link.serverStep == .failed)
    }

    @Test func aKeySealsForOnePeriodAndOpensForOneMore() {
        let keys = TLSTicketKeys(period: 100, now: 0)
        let first = keys.sealing(now: 99)
        func opening(_ key: TLSTicketKeys.Key, _ now: Int64) -> Bool? {
            key.name.withUnsafeBufferPointer { keys.opening($0, now: now)?.renew }
        }
        #expect(opening(first, 99) == false)
        let second = keys.sealing(now: 100)
        #expect(second.name != first.name)
        #expect(opening(first, 199) == true, "still good, but to be renewed")
        #expect(opening(second, 199) == false)
        #expect(opening(first, 200) == nil)
        #expect(opening(second, 200) == true)
        #expect(opening(second, 1_000) == nil, "a process that slept forgets")
    }
}
