import ArgumentParser
import Dataplane
import Dispatch
import TLSKit

/// A messaging provider to send to in tests, the demo and load tests: answers like the real ones do, remembers what it was
/// sent, and misbehaves on request. Built on Stopgate's own engine, so that it is never the bottleneck of a measurement.
@main
struct MockProvider: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stopgate-mock",
        abstract: "Every messaging provider at once, for tests and load tests (TLS, HTTP/1.1 and HTTP/2).",
        discussion: """
            GET    /__mock/requests    what was received, as JSON: method, host, path, fields, body (base64)
            DELETE /__mock/requests    forget it
            PUT    /__mock/behaviour   {"status": 500, "error": "unsubscribed", "delayMilliseconds": 200}; {} restores the
                                       default; error is a name in the provider's file of answers. For load tests:
                                       "delay": {"constant": 5}, {"uniform": [5, 50]} or {"lognormal": {"median": 40, "p99": 200}};
                                       "faults": {"429": 0.001, "503": 0.001, "reset": 0.0001}, shares of requests
            GET    /__mock/count       how many sends were received, and how many of them came to nothing by each fault
            """)

    @Option(help: "Address to listen on.") var address = "127.0.0.1"
    @Option(help: "Port; 0 lets the kernel choose.") var port = 0
    @Option(help: "Certificate chain (PEM). Without it the listener is plain HTTP.") var certificate: String?
    @Option(help: "Private key (PEM).") var key: String?
    @Option(help: "Event loops.") var workers = 1
    @Option(help: "How many requests to remember; 0 for load tests.") var remember = 10_000
    @Option(help: "Milliseconds before each answer.") var delay = 0
    @Option(help: "Directory of the answers; the one beside the program, or of the working copy, otherwise.") var answers: String?

    func run() throws {
        guard let directory = answers ?? AnswerBook.standardDirectory else { throw ValidationError("there are no answers; give --answers DIRECTORY") }
        let book: AnswerBook
        do { book = try AnswerBook(directory: directory) } catch { throw ValidationError("\(error)") }
        var material: TLSServerMaterial?
        if let certificate, let key {
            material = try TLSServerMaterial(
                TLSServerSettings(certificates: [.init(chain: certificate, key: key)], requireSNI: false))
        }
        let memory = Memory(limit: remember, delayMilliseconds: delay)
        let delays = DelayLine()
        var limits = EngineLimits()
        limits.connections = 100_000
        limits.connectionsPerSource = 100_000
        limits.newConnectionsPerSecondPerSource = 100_000
        limits.requestsPerConnection = .max
        limits.streamsPerConnection = .max
        limits.concurrentStreams = 1000
        let engine = try Engine(
            .init(
                workers: workers, limits: limits, listeners: [.init(address: address, port: port, service: 0, tls: material)],
                services: { _ in [ProviderService(memory: memory, book: book, delays: delays)] }))
        // Scripts read the port from the first line, so it must not wait in a buffer.
        print("listening on \(address):\(engine.ports[0])")
        flushStandardOutput()
        engine.join()
    }
}
