import CLinux
import Glibc
import Synchronization
public import TLSKit

/// The data plane: workers, each an event loop on a thread of its own, and the listeners they share.
public final class Engine: Sendable {
    /// What it takes to start one.
    public struct Configuration: Sendable {
        public var workers: Int
        public var limits: EngineLimits
        public var listeners: [ListenerSpec]
        public var upstream: TLSClientSettings
        /// Makes one worker's services, on that worker's thread; ``ListenerSpec/service`` is an index into the result.
        public var services: @Sendable (Worker) throws -> [Service]

        public init(
            workers: Int, limits: EngineLimits = .init(), listeners: [ListenerSpec], upstream: TLSClientSettings = .init(),
            services: @escaping @Sendable (Worker) throws -> [Service]
        ) {
            self.workers = workers
            self.limits = limits
            self.listeners = listeners
            self.upstream = upstream
            self.services = services
        }
    }

    private struct Thread: Sendable {
        let mailbox: Mailbox
        let handle: UInt
    }

    private let threads: [Thread]
    /// The port each listener got, in the order of the configuration.
    public let ports: [Int]
    public let metrics: [WorkerMetrics]
    private let tickets: [TLSTicketKeys?]

    /// Binds every listener and starts every worker. All or nothing: on a failure whatever was started is stopped.
    public init(_ configuration: Configuration) throws {
        let count = max(configuration.workers, 1)
        var ports: [Int] = []
        var sockets: [[Int32]] = []
        func closeAll() { for fd in sockets.joined() { close(fd) } }
        for spec in configuration.listeners {
            var port = spec.port
            var mine: [Int32] = []
            for _ in 0..<count {
                switch Listener.open(address: spec.address, port: port) {
                case .success(let bound):
                    mine.append(bound.fd)
                    port = bound.port
                case .failure(let problem):
                    for fd in mine { close(fd) }
                    closeAll()
                    throw problem
                }
            }
            sockets.append(mine)
            ports.append(port)
        }
        self.ports = ports
        tickets = configuration.listeners.map { $0.tls == nil ? nil : TLSTicketKeys() }
        metrics = (0..<count).map { _ in WorkerMetrics() }
        let sources = SourceTable()
        let bodies = BodyBudget(limit: configuration.limits.bufferedBodies)
        let resolver = Resolver()
        var threads: [Thread] = []
        var failure: (any Error)?
        for index in 0..<count {
            let launch = Launch(
                index: index, configuration: configuration, sockets: sockets.map { $0[index] }, tickets: tickets, bodies: bodies,
                sources: sources, resolver: resolver, mailbox: Mailbox(), metrics: metrics[index])
            var thread = pthread_t()
            let rc = pthread_create(&thread, nil, { raw in
                Unmanaged<Launch>.fromOpaque(raw.unsafelyUnwrapped).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(launch).toOpaque())
            precondition(rc == 0, "pthread_create failed: \(rc)")
            threads.append(Thread(mailbox: launch.mailbox, handle: UInt(thread)))
            if let problem = launch.awaitStart() {
                failure = problem
                break
            }
        }
        self.threads = threads
        if let failure {
            stop()
            join()
            throw failure
        }
    }

    public var workerCount: Int { threads.count }

    /// Stops accepting, lets requests in flight finish within the drain time, and ends. ``join()`` waits for it.
    public func drain() { for thread in threads { thread.mailbox.post(.drain) } }

    /// Ends now.
    public func stop() { for thread in threads { thread.mailbox.post(.stop) } }

    /// Waits until every worker has ended.
    public func join() { for thread in threads { pthread_join(pthread_t(thread.handle), nil) } }

    /// Runs `body` on every worker's thread, between two turns of its loop.
    public func onEachWorker(_ body: @escaping @Sendable (Worker) -> Void) {
        for thread in threads { thread.mailbox.post(.run(body)) }
    }

    /// Puts new certificates under a listener. Open connections are not touched; a set that does not load changes nothing.
    public func replaceCertificates(listener: Int, _ material: TLSServerMaterial) throws(TLSProblem) {
        // Built once here to learn about problems before any worker is touched.
        _ = try TLSServerContext(material, tickets: tickets[listener])
        let keys = tickets[listener]
        onEachWorker { worker in
            guard listener < worker.listeners.count, let context = try? TLSServerContext(material, tickets: keys) else { return }
            worker.listeners[listener].tls = context
        }
    }
}

/// What starts a worker: only sendable parts, because the worker itself is made on its own thread.
private final class Launch: Sendable {
    let index: Int
    let configuration: Engine.Configuration
    let sockets: [Int32]
    let tickets: [TLSTicketKeys?]
    let bodies: BodyBudget
    let sources: SourceTable
    let resolver: Resolver
    let mailbox: Mailbox
    let metrics: WorkerMetrics
    private let started: Int32
    private let failure = Mutex<(any Error)?>(nil)

    init(
        index: Int, configuration: Engine.Configuration, sockets: [Int32], tickets: [TLSTicketKeys?], bodies: BodyBudget,
        sources: SourceTable, resolver: Resolver, mailbox: Mailbox, metrics: WorkerMetrics
    ) {
        self.index = index
        self.configuration = configuration
        self.sockets = sockets
        self.tickets = tickets
        self.bodies = bodies
        self.sources = sources
        self.resolver = resolver
        self.mailbox = mailbox
        self.metrics = metrics
        started = eventfd(0, Int32(EFD_CLOEXEC))
    }

    deinit { close(started) }

    func awaitStart() -> (any Error)? {
        var count: UInt64 = 0
        _ = read(started, &count, 8)
        return failure.withLock { $0 }
    }

    func run() {
        var one: UInt64 = 1
        let worker: Worker
        do {
            let client = try TLSClientContext(configuration.upstream)
            worker = Worker(
                index: index, limits: configuration.limits, bodies: bodies, sources: sources, resolver: resolver, mailbox: mailbox,
                metrics: metrics, clientTLS: client)
            worker.services = try configuration.services(worker)
            for (position, spec) in configuration.listeners.enumerated() {
                let context = try spec.tls.map { try TLSServerContext($0, tickets: tickets[position]) }
                worker.listeners.append(Listener(fd: sockets[position], service: spec.service, tls: context))
            }
            worker.resumeAccepting()
        } catch {
            failure.withLock { $0 = error }
            for fd in sockets { close(fd) }
            _ = write(started, &one, 8)
            return
        }
        _ = write(started, &one, 8)
        worker.run()
    }
}
