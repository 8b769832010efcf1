import Bytes
import COpenSSL
import Testing
@testable import TLSKit

/// Clients that are not ours.
struct StrangersTests {
    let directory: TemporaryDirectory
    let server: TLSServerContext

    init() throws {
        directory = try TemporaryDirectory()
        server = try TLSServerContext(
            TLSServerMaterial(.init(certificates: [Forge(directory).pair(["DNS:a.example"])])), tickets: TLSTicketKeys())
    }

    private func link(_ client: CarelessClient) -> Link {
        var link = Link({ client.connect(fd: $0, output: $1) }, { server.accept(fd: $0, output: $1) })
        link.handshake()
        return link
    }

    @Test(arguments: [
        (nil, ALPN.none), (["h2"], .http2), (["http/1.1"], .http1), (["http/1.1", "h2"], .http2),
        (["h2c", "http/1.0", "http/1.1"], .http1), (["hq", "h2", "foo/1.1.1"], .http2),
    ] as [([String]?, ALPN)])
    func theServerChoosesTheProtocol(offered: [String]?, agreed: ALPN) {
        let link = link(CarelessClient(alpn: offered))
        #expect(link.isUp)
        #expect(link.server.alpn == agreed)
        #expect(link.client.alpn == agreed)
    }

    @Test(arguments: [["h3"], ["h2c"], ["http/1.0"], ["H2", "HTTP/1.1"], ["h"]])
    func noCommonProtocolEndsWithItsAlert(offered: [String]) {
        let link = link(CarelessClient(alpn: offered))
        #expect(link.serverStep == .failed)
        #expect(link.client.failure?.alertReceived == 120)
    }

    @Test(arguments: [TLS1_VERSION, TLS1_1_VERSION])
    func oldVersionsAreRefused(version: Int32) {
        let link = link(CarelessClient(only: version, suites: "ALL:@SECLEVEL=0"))
        #expect(link.serverStep == .failed)
        #expect(link.client.failure?.alertReceived == 70)
    }

    @Test(arguments: [
        "AES128-GCM-SHA256", "AES256-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "DHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-CCM", "aNULL:@SECLEVEL=0",
    ])
    func suitesOutsideTheProfileAreRefused(suite: String) {
        let link = link(CarelessClient(only: TLS1_2_VERSION, suites: suite))
        #expect(link.serverStep == .failed)
        #expect(link.client.failure?.alertReceived == 40)
    }

    @Test(arguments: [("X25519", true), ("P-256", true), ("P-384", true), ("P-521", false), ("X448", false), ("ffdhe2048", false)])
    func onlyThreeGroupsAreSpoken(group: String, isSpoken: Bool) {
        #expect(link(CarelessClient(only: TLS1_3_VERSION, groups: group)).isUp == isSpoken)
    }

    @Test func aRenegotiationIsRefused() throws {
        let client = CarelessClient(only: TLS1_2_VERSION)
        let link = link(client)
        #expect(link.isUp)
        #expect(SSL_renegotiate(client.ssl) == 1)
        #expect(link.client.advance() == .wantsRead)
        #expect(link.server.read() != .moved(0))
        let step = link.client.read()
        #expect(step == .failed, "the client is told no_renegotiation and gives up")
        #expect(link.client.failure?.description.contains("renegotiation") == true)
        ERR_clear_error()
    }

    @Test func aFloodOfKeyUpdatesStaysWithinTheBudget() throws {
        let client = CarelessClient(only: TLS1_3_VERSION)
        let link = link(client)
        #expect(link.isUp)
        for _ in 0..<2_000 {
            #expect(SSL_key_update(client.ssl, Int32(SSL_KEY_UPDATE_REQUESTED)) == 1)
            #expect(link.client.stream.handshake() == .moved(0))
        }
        link.client.flush()
        let transport = link.server.stream.transport
        transport.pointee.receiveBudget = 1
        #expect(link.server.read() == .wantsRead)
        #expect(!transport.pointee.drained)
        #expect(link.server.pending < 100_000, "one turn answers no more than one receive's worth")
        transport.pointee.receiveBudget = .max
        #expect(link.server.read() == .wantsRead)
        #expect(link.client.read() == .wantsRead)
        link.client.write([9])
        #expect(link.server.read() == .wantsRead)
        #expect(link.server.received == [9])
    }

    @Test func noBytesOfAHelloMakeTheServerTrap() {
        // A valid ClientHello, then the same with every byte changed in turn.
        let client = CarelessClient(alpn: ["h2"])
        let first = Link({ client.connect(fd: $0, output: $1) }, { server.accept(fd: $0, output: $1) })
        #expect(first.client.stream.handshake() == .wantsRead)
        let hello = Array(first.client.output.pointee.bytes)
        #expect(hello.count > 100)
        for index in hello.indices {
            for change in [0x01, 0x80, 0xff] as [UInt8] {
                var bytes = hello
                bytes[index] ^= change
                let link = Link({ client.connect(fd: $0, output: $1) }, { server.accept(fd: $0, output: $1) })
                bytes.withUnsafeBufferPointer { link.client.output.pointee.append($0) }
                link.client.flush()
                let step = link.server.advance()
                #expect(step == .wantsRead || step == .failed)
                #expect((link.server.failure != nil) == (step == .failed))
                #expect(ERR_peek_error() == 0, "the thread's error queue is left empty")
            }
        }
    }
}
