import Bytes
import Testing
@testable import TLSKit

struct ServerNameTests {
    let directory: TemporaryDirectory
    let forge: Forge
    let client: TLSClientContext

    init() throws {
        directory = try TemporaryDirectory()
        forge = try Forge(directory)
        client = try TLSClientContext(.init(authorities: forge.authorityFile))
    }

    private func connect(_ host: String, _ server: TLSServerContext) throws -> Link {
        var link = Link(client, try client.origin(host: host), server)
        link.handshake()
        return link
    }

    private static let unrecognizedName: UInt8 = 112

    @Test func eachNameGetsItsOwnCertificate() throws {
        let server = try TLSServerContext(
            TLSServerMaterial(.init(certificates: [
                forge.pair(["DNS:api.twilio.example", "DNS:alt.twilio.example"]), forge.pair(["DNS:*.sendgrid.example"]),
                forge.pair(["DNS:exact.sendgrid.example"]),
            ])), tickets: nil)
        // The client verifies the name, so an established connection proves which certificate was shown.
        for host in ["api.twilio.example", "ALT.twilio.example", "api.sendgrid.example", "exact.sendgrid.example"] {
            #expect(try connect(host, server).isUp, "\(host)")
        }
        // A wildcard stands for one label: not for none, not for two.
        for host in ["sendgrid.example", "a.b.sendgrid.example", "twilio.example", "x.api.twilio.example", "localhost"] {
            let link = try connect(host, server)
            #expect(link.serverStep == .failed, "\(host)")
            #expect(link.client.failure?.alertReceived == Self.unrecognizedName, "\(host)")
            #expect(link.server.failure?.kind == .unknownServerName)
            #expect(link.server.stream.transport.pointee.refusedServerName == Array(host.utf8))
        }
    }

    @Test func aClientWithoutSNIIsRefusedByDefault() throws {
        let server = try TLSServerContext(TLSServerMaterial(.init(certificates: [forge.pair(["DNS:a.example", "IP:127.0.0.1"])])), tickets: nil)
        let link = try connect("127.0.0.1", server)
        #expect(link.client.failure?.alertReceived == Self.unrecognizedName)
        #expect(link.server.failure?.kind == .missingServerName)
    }

    @Test func aClientWithoutSNIGetsTheDefaultCertificateWhereThatIsAllowed() throws {
        let server = try TLSServerContext(
            TLSServerMaterial(.init(
                certificates: [forge.pair(["DNS:a.example"]), forge.pair(["IP:127.0.0.1", "IP:::1"])],
                requireSNI: false, defaultCertificate: 1)), tickets: nil)
        let byAddress = try connect("127.0.0.1", server)
        #expect(byAddress.isUp)
        #expect(!byAddress.server.hasServerName)
        #expect(try connect("::1", server).isUp)
        #expect(try connect("a.example", server).isUp)
        #expect(try connect("b.example", server).client.failure?.alertReceived == Self.unrecognizedName, "unknown is refused still")
    }

    @Test(arguments: [
        [0, 0], [0, 4, 0, 0, 1], [0, 3, 0, 0, 0],  // empty list, length short, empty name
        [0, 4, 1, 0, 1, 0x61],  // another type of name
        [0, 5, 0, 0, 1, 0x61],  // list longer than the body
        [0, 4, 0, 0, 2, 0x61],  // name longer than the body
        [0, 8, 0, 0, 1, 0x61, 0, 0, 1, 0x62],  // two names
        [0, 5, 0, 0, 2, 0x61, 0],  // a NUL
        [0xff, 0xff, 0, 0xff, 0xff, 0x61],
    ] as [[UInt8]])
    func malformedExtensionsAreRefused(body: [UInt8]) {
        #expect(body.withUnsafeBufferPointer { ServerNameExtension.hostName($0) } == nil)
    }

    @Test func aWellFormedExtensionIsReadInLowerCase() {
        let body: [UInt8] = [0, 7, 0, 0, 4] + Array("Ab.C".utf8)
        #expect(body.withUnsafeBufferPointer { ServerNameExtension.hostName($0) } == Array("ab.c".utf8))
    }

    @Test func hostNamesAreRecognised() {
        for good in ["a", "a.b", "api-1.example.com", "_dmarc.example.com", "1.example", String(repeating: "a", count: 63)] {
            #expect(DNSName.isValid(good.utf8), "\(good)")
        }
        for bad in ["", ".", "a.", ".a", "a..b", "-a", "a-", "a b", "a\u{0}b", "ä.de", "*.a.b", String(repeating: "a", count: 64),
            Array(repeating: "abcdefg", count: 40).joined(separator: ".")] {
            #expect(!DNSName.isValid(bad.utf8), "\(bad)")
        }
        #expect(DNSName.isValidPattern("*.a.b".utf8))
        for bad in ["*", "*.", "*.com", "a.*.b", "*a.b.c", "**.b.c"] { #expect(!DNSName.isValidPattern(bad.utf8), "\(bad)") }
    }
}
