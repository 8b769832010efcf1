import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// One small HTTP server of the control plane: it is up when ``start(router:address:name:logger:)`` returns.
final class ControlServer: Sendable {
    /// Connections at once; more wait to be accepted. Each server has its own, so that callers of a port keep nobody from the socket.
    static let connectionLimit = 256
    /// How long a connection may say nothing between requests.
    static let idleLimit: TimeAmount = .seconds(60)

    /// The port it got; `nil` on a Unix socket.
    let port: Int?
    private let task: Task<Void, any Error>

    private init(port: Int?, task: Task<Void, any Error>) {
        self.port = port
        self.task = task
    }

    /// - Parameter name: what messages call the address.
    static func start<Context: RequestContext>(
        router: Router<Context>, address: BindAddress, name: String, logger: Logger
    ) async throws -> ControlServer where Context.Source == ApplicationRequestContextSource {
        let (started, signal) = AsyncThrowingStream<Int?, any Error>.makeStream()
        var quiet = logger
        // Its own notes say nothing that ours do not, and it calls every stop an error.
        quiet.logLevel = .critical
        let application = Application(
            router: router,
            server: .http1(configuration: .init(
                idleTimeout: Self.idleLimit,
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
            configuration: .init(
                address: address, serverName: nil, availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit)),
            onServerRunning: { channel in
                signal.yield(channel.localAddress?.port)
                signal.finish()
            }, logger: quiet)
        let task = Task {
            do {
                try await application.run()
            } catch {
                signal.finish(throwing: error)
                throw error
            }
        }
        do {
            for try await port in started { return ControlServer(port: port, task: task) }
        } catch {
            throw StartProblem("cannot listen on \(name): \(error); is another process there?")
        }
        throw StartProblem("the server on \(name) ended before it began")
    }

    func stop() async {
        task.cancel()
        _ = await task.result
    }
}
