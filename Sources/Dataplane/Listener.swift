import CLinux
import Glibc
public import TLSKit

/// An address to accept on, and whose requests come in there.
public struct ListenerSpec: Sendable {
    /// A literal IPv4 or IPv6 address.
    public var address: String
    /// 0 lets the kernel choose; all workers then share its choice.
    public var port: Int
    /// Index into the services that the engine's factory makes for each worker.
    public var service: Int
    /// `nil` accepts plain connections: for tests and for ports that only a local TLS terminator reaches.
    public var tls: TLSServerMaterial?

    public init(address: String, port: Int, service: Int, tls: TLSServerMaterial?) {
        self.address = address
        self.port = port
        self.service = service
        self.tls = tls
    }
}

/// One worker's socket for a ``ListenerSpec``. `SO_REUSEPORT` lets every worker have its own and the kernel spread the
/// connections.
struct Listener {
    let fd: Int32
    let service: Int
    var tls: TLSServerContext?

    /// Binds and listens.
    /// - Returns: the socket and the port it got, or the reason it could not.
    static func open(address: String, port: Int) -> Result<(fd: Int32, port: Int), EngineProblem> {
        guard let resolved = Resolver.lookUp(host: address, port: port).first else {
            return .failure(.init("cannot listen on '\(address)': not an IP address of this machine"))
        }
        let fd = socket(resolved.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard fd >= 0 else { return .failure(.init("socket: \(String(cString: strerror(errno)))")) }
        var one: Int32 = 1
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, 4)
        let bound = resolved.bytes.withUnsafeBytes {
            bind(fd, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard bound == 0, listen(fd, 1024) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(fd)
            return .failure(.init("cannot listen on \(address):\(port): \(reason)"))
        }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(fd, $0, &length) }
        }
        return .success((fd, Int(PeerAddress(storage).port)))
    }

    func close() { Glibc.close(fd) }
}

/// Why an engine could not start, in a sentence.
public struct EngineProblem: Error, CustomStringConvertible, Sendable {
    public let description: String
    init(_ description: String) { self.description = description }
}
