import Dataplane
import Glibc
import Testing

/// What passes through the engine between a client and a provider, seen byte by byte at both ends.
@Suite(.serialized) struct RelayTests {
    /// Passes everything on to one origin as it comes.
    private final class Relay: Service {
        private let origin: OriginHandle

        init(_ worker: Worker, port: Int) throws {
            origin = try worker.open(Origin(host: "127.0.0.1", port: port, usesTLS: false))
            super.init()
        }

        override func requestHead(_ exchange: Exchange) { exchange.forward(to: origin) }
    }

    private func engine(to port: Int) throws -> Engine {
        try Engine(
            .init(
                workers: 1, listeners: [.init(address: "127.0.0.1", port: 0, service: 0, tls: nil)],
                services: { [try Relay($0, port: port)] }))
    }

    @Test func aRequestWithoutBodyHasNoFraming() throws {
        let (listener, port) = RawSocket.listening()
        let engine = try engine(to: port)
        defer {
            engine.stop()
            engine.join()
        }
        let client = RawSocket(connectingTo: engine.ports[0])
        client.write("GET /1 HTTP/1.1\r\nhost: a.example\r\n\r\n")
        let provider = try #require(listener.accepted())
        // The second goes onto a connection that is there already, before the engine has announced its end.
        for path in 1...2 {
            if path == 2 { client.write("GET /2 HTTP/1.1\r\nhost: a.example\r\n\r\n") }
            let head = provider.read(through: "\r\n\r\n")
            #expect(head.hasPrefix("GET /\(path) HTTP/1.1\r\n"))
            #expect(!head.contains("transfer-encoding"))
            provider.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            #expect(client.read(through: "\r\n\r\nok").hasPrefix("HTTP/1.1 200"))
        }
    }

    /// An HTTP/1.0 client knows the end of such a body only by the end of the connection.
    @Test func anAnswerCutOffDoesNotLookWhole() throws {
        let (listener, port) = RawSocket.listening()
        let engine = try engine(to: port)
        defer {
            engine.stop()
            engine.join()
        }
        for isWhole in [true, false] {
            let client = RawSocket(connectingTo: engine.ports[0])
            client.write("GET / HTTP/1.0\r\nhost: a.example\r\n\r\n")
            let provider = try #require(listener.accepted())
            _ = provider.read(through: "\r\n\r\n")
            provider.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n")
            #expect(client.read(through: "half").hasSuffix("\r\n\r\nhalf"))
            if isWhole { provider.write("0\r\n\r\n") } else { shutdown(provider.fd, Int32(SHUT_RDWR)) }
            #expect(client.ending() == (isWhole ? 0 : ECONNRESET))
        }
    }
}
