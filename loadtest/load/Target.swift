import ArgumentParser
import CLinux
import Foundation
import Glibc
import TLSKit

/// Where the load goes: an address found once, and how TLS is spoken to it.
final class Target {
    let host: String
    let port: Int
    let offersHTTP2: Bool
    let address: [UInt8]
    let family: Int32
    private let authorities: String?

    /// Value of `Host` and `:authority`.
    var authority: String { port == 443 ? host : "\(host):\(port)" }

    init(_ url: String, authorities: String?, offersHTTP2: Bool, allowsRemote: Bool) throws {
        guard let parts = URLComponents(string: url), parts.scheme == "https", let host = parts.host, !host.isEmpty, parts.path.isEmpty || parts.path == "/"
        else { throw ValidationError("--target must be like https://localhost:8443, without a path") }
        self.host = host
        port = parts.port ?? 443
        self.offersHTTP2 = offersHTTP2
        self.authorities = authorities
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
            throw ValidationError("--target: the host '\(host)' has no address")
        }
        defer { freeaddrinfo(found) }
        // 127.0.0.1 before ::1: gates listen there unless told otherwise.
        var chosen = first
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next {
            if entry.pointee.ai_family == AF_INET { chosen = entry; break }
            next = entry.pointee.ai_next
        }
        family = chosen.pointee.ai_family
        address = Array(UnsafeRawBufferPointer(start: chosen.pointee.ai_addr, count: Int(chosen.pointee.ai_addrlen)))
        guard allowsRemote || isLoopback else {
            throw ValidationError("--target: '\(host)' is not this machine. Load tests of other machines need --allow-remote, and their owner's consent.")
        }
    }

    /// 127.0.0.0/8 or ::1.
    private var isLoopback: Bool {
        if family == AF_INET { return address[4] == 127 }
        return address[8..<23].allSatisfy { $0 == 0 } && address[23] == 1
    }

    /// A TLS context for one thread.
    func makeContext() throws -> TLSClientContext { try TLSClientContext(TLSClientSettings(authorities: authorities)) }
}
