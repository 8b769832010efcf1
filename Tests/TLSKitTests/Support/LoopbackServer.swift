import Bytes
import Glibc
import Synchronization
import TLSKit

/// A TCP server on a free loopback port that serves one connection after another: reads until the first bytes come, answers
/// "hello", ends. For programs that want a real socket.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let stopping = Atomic(false)
    private let thread = Atomic<UInt>(0)

    init(_ material: TLSServerMaterial, tickets: TLSTicketKeys?) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw TLSProblem(file: "loopback", what: "cannot listen", remedy: "") }
        port = UInt16(bigEndian: address.sin_port)
        let launch = Unmanaged.passRetained(Launch(server: self, material: material, tickets: tickets))
        var id = pthread_t()
        pthread_create(&id, nil, { raw in
            let launch = Unmanaged<Launch>.fromOpaque(raw!).takeRetainedValue()
            launch.server.serve(try! TLSServerContext(launch.material, tickets: launch.tickets))
            return nil
        }, launch.toOpaque())
        thread.store(UInt(id), ordering: .relaxed)
    }

    private final class Launch: Sendable {
        let server: LoopbackServer, material: TLSServerMaterial, tickets: TLSTicketKeys?
        init(server: LoopbackServer, material: TLSServerMaterial, tickets: TLSTicketKeys?) {
            (self.server, self.material, self.tickets) = (server, material, tickets)
        }
    }

    func stop() {
        stopping.store(true, ordering: .relaxed)
        Glibc.shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(pthread_t(thread.load(ordering: .relaxed)), nil)
        close(listener)
    }

    private func serve(_ context: TLSServerContext) {
        while !stopping.load(ordering: .relaxed) {
            let fd = accept(listener, nil, nil)
            guard fd >= 0 else { continue }
            _ = fcntl(fd, F_SETFL, O_NONBLOCK)
            serveOne(Endpoint(fd: fd) { context.accept(fd: $0, output: $1) })
        }
    }

    private func serveOne(_ end: Endpoint) {
        var wait = pollfd(fd: end.fd, events: Int16(POLLIN), revents: 0)
        var isUp = false
        while poll(&wait, 1, 5_000) == 1 {
            if !isUp {
                let step = end.advance()
                if step == .failed { return }
                isUp = step == .moved(0)
            }
            guard isUp else { continue }
            let step = end.read()
            guard step == .wantsRead else { return }
            guard !end.received.isEmpty else { continue }
            end.write(Array("hello\n".utf8))
            _ = end.stream.shutdown()
            end.flush()
            return
        }
    }
}
