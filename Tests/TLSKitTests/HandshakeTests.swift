import Bytes
import Testing
import TLSKit

struct HandshakeTests {
    let directory: TemporaryDirectory
    let forge: Forge
    let client: TLSClientContext

    init() throws {
        directory = try TemporaryDirectory()
        forge = try Forge(directory)
        client = try TLSClientContext(.init(authorities: forge.authorityFile))
    }

    func server(_ names: [String] = ["DNS:api.example.com"], requireSNI: Bool = true, minimum: TLSVersion = .tls12) throws -> TLSServerContext {
        try TLSServerContext(
            TLSServerMaterial(.init(certificates: [forge.pair(names)], minimumVersion: minimum, requireSNI: requireSNI)), tickets: nil)
    }

    @Test(arguments: [
        (ALPN.Offer.http2ThenHTTP1, ALPN.http2), (.onlyHTTP2, .http2), (.onlyHTTP1, .http1),
    ])
    func alpn(offer: ALPN.Offer, agreed: ALPN) throws {
        var link = Link(client, try client.origin(host: "api.example.com", offer: offer), try server())
        link.handshake()
        #expect(link.isUp)
        #expect(link.client.alpn == agreed)
        #expect(link.server.alpn == agreed)
        #expect(link.server.version == .tls13)
        #expect(link.server.isServerName("API.example.com"))
        #expect(!link.server.isServerName("api.example.co"))
        #expect(!link.server.isServerName("api.example.com."))
    }

    @Test func bytesGoBothWaysAndTheEndIsAnnounced() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server())
        link.handshake()
        let body = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(link.client.write(body) == .moved(40_000), "a write takes everything, over several records")
        while link.client.pending > 0 { link.client.flush(); link.server.read() }
        #expect(link.server.read() == .wantsRead)
        #expect(link.server.received == body)
        #expect(link.server.write(Array("answer".utf8)) == .moved(6))
        #expect(link.client.read() == .wantsRead)
        #expect(link.client.received == Array("answer".utf8))
        #expect(link.server.stream.shutdown() == .moved(0))
        link.server.flush()
        #expect(link.client.read() == .closed)
        #expect(link.client.failure == nil)
    }

    @Test func recordBuffersComeAndGoBetweenRecordsAndNeverUnderWhatIsUnread() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server())
        link.handshake()
        var sent: [UInt8] = []
        for round in 0..<6 {
            link.server.stream.keepBuffers(round % 3 == 0)
            let body = (0..<700).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ round) }
            sent += body
            #expect(link.client.write(body) == .moved(700))
            link.server.readSome(round * 100)
            link.server.stream.keepBuffers(false)
            #expect(link.server.read() == .wantsRead)
            #expect(link.server.write(body) == .moved(700))
            #expect(link.client.read() == .wantsRead)
        }
        #expect(link.server.received == sent)
        #expect(link.client.received == sent)
    }

    @Test func nothingToMoveMovesNothing() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server())
        link.handshake()
        #expect(link.client.write([]) == .moved(0))
        #expect(link.client.pending == 0)
        #expect(link.client.stream.read(into: .init(start: nil, count: 0)) == .moved(0))
    }

    @Test func aConnectionCutShortIsNotAnEnd() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server())
        link.handshake()
        link.client.write(Array("half".utf8))
        link.client.hangUp()
        link.server.stream.transport.pointee.peerClosed = true
        #expect(link.server.read() == .failed)
        #expect(link.server.received == Array("half".utf8), "what came before the cut is delivered")
        #expect(link.server.failure?.kind == .truncated)
        #expect(link.server.stream.transport.pointee.endOfStream)
        #expect(link.server.read() == .failed, "a failed stream stays failed")
        #expect(link.server.write([1]) == .failed)
        #expect(link.server.stream.shutdown() == .failed)
    }

    @Test func aClientHelloInOneByteRecordsOfTheSocketIsRead() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server())
        link.client.fragment = 1
        link.handshake(rounds: 4_000)
        #expect(link.isUp)
        #expect(link.server.alpn == .http2)
    }

    @Test func garbageIsAnsweredWithAnAlertAndLeavesNoErrorBehind() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server())
        Array("GET / HTTP/1.1\r\n\r\n".utf8).withUnsafeBufferPointer { link.client.output.pointee.append($0) }
        link.client.flush()
        #expect(link.server.advance() == .failed)
        #expect(link.server.failure?.description == "TLS: http request")
        // A healthy neighbour on the same thread is not blamed for it.
        var next = Link(client, try client.origin(host: "api.example.com"), try server())
        next.handshake()
        #expect(next.isUp)
        #expect(next.client.read() == .wantsRead)
        link.handshake(rounds: 1)
    }

    @Test func aShortReceiveMeansDrainedAndSavesTheNext() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server())
        link.handshake()
        link.server.read()
        link.client.write([1, 2, 3])
        let transport = link.server.stream.transport
        let before = transport.pointee.receives
        #expect(link.server.read() == .wantsRead)
        #expect(link.server.received == [1, 2, 3])
        #expect(transport.pointee.receives - before == 1)
        #expect(transport.pointee.drained)
    }

    @Test func theReceiveBudgetBoundsATurn() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server())
        link.handshake()
        let transport = link.server.stream.transport
        link.client.write(.init(repeating: 7, count: 60_000))
        transport.pointee.receiveBudget = 1
        #expect(link.server.read() == .wantsRead)
        let first = link.server.received.count
        #expect(first < 60_000)
        #expect(!transport.pointee.drained, "the engine must come back by itself")
        transport.pointee.receiveBudget = .max
        while link.server.received.count < 60_000 {
            link.client.flush()
            #expect(link.server.read() == .wantsRead)
        }
        #expect(link.server.received.count == 60_000)
    }

    @Test func tls13OnlyRefusesNobodyWhoSpeaksIt() throws {
        var link = Link(client, try client.origin(host: "api.example.com"), try server(minimum: .tls13))
        link.handshake()
        #expect(link.isUp)
    }
}
