import Dataplane
import Foundation
import Synchronization

/// A provider, or an application, that answers every request and remembers it. On the gate's own engine.
final class CountingProvider: Sendable {
    struct Request: Sendable {
        let target: String
        let host: String
        let fields: [String: String]
        let body: String
    }

    private final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private final class Answering: Service {
        private let log: Log
        init(log: Log) {
            self.log = log
            super.init()
        }

        override func requestHead(_ exchange: Exchange) { exchange.receive(limit: 1 << 20) }

        override func requestComplete(_ exchange: Exchange) {
            let body = exchange.withBody { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
            let request = Request(
                target: exchange.target, host: exchange.authority,
                fields: Dictionary(exchange.fields.map { ($0.name, $0.value) }) { first, _ in first }, body: body)
            log.requests.withLock { $0.append(request) }
            exchange.answer(status: 201, contentType: "application/json", body: Array(#"{"sid":"SM123"}"#.utf8))
        }
    }

    private let log = Log()
    private let engine: Engine
    var port: Int { engine.ports[0] }
    var requests: [Request] { log.requests.withLock { $0 } }

    init() throws {
        engine = try Engine(
            .init(workers: 1, listeners: [.init(address: "127.0.0.1", port: 0, service: 0, tls: nil)]) { [log] _ in [Answering(log: log)] })
    }

    func stop() {
        engine.stop()
        engine.join()
    }
}
