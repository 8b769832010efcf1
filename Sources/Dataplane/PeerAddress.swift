import Bytes
import CLinux
import Glibc

/// A peer's address as IPv6, with IPv4 mapped into it, so that both spellings of one host count as one source.
public struct PeerAddress: Hashable, Sendable {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var port: UInt16 = 0

    init() {}

    init(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        withUnsafePointer(to: &storage) { pointer in
            let raw = UnsafeRawPointer(pointer)
            if family == AF_INET {
                let address = raw.load(as: sockaddr_in.self)
                low = 0x0000_ffff_0000_0000 | UInt64(UInt32(bigEndian: address.sin_addr.s_addr))
                port = UInt16(bigEndian: address.sin_port)
            } else if family == AF_INET6 {
                high = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                low = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
                port = UInt16(bigEndian: raw.load(as: sockaddr_in6.self).sin6_port)
            }
        }
    }

    /// The same host, whatever its port.
    var source: PeerAddress {
        var copy = self
        copy.port = 0
        return copy
    }

    var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    /// Appends the address without its port, for evidence; does not allocate for IPv4.
    func write(into out: inout GrowableBytes) {
        guard isIPv4 else {
            out.append(description)
            return
        }
        let a = UInt32(truncatingIfNeeded: low)
        for shift: UInt32 in [24, 16, 8, 0] {
            if shift < 24 { out.append(UInt8(ascii: ".")) }
            out.append(decimal: a >> shift & 255)
        }
    }

    /// `192.0.2.1:4711` or `[2001:db8::1]:4711`, for logs and evidence.
    public var description: String {
        if isIPv4 {
            let a = UInt32(truncatingIfNeeded: low)
            return "\(a >> 24).\(a >> 16 & 255).\(a >> 8 & 255).\(a & 255):\(port)"
        }
        let groups = (0..<4).map { String(high >> (48 - 16 * UInt64($0)) & 0xffff, radix: 16) }
            + (0..<4).map { String(low >> (48 - 16 * UInt64($0)) & 0xffff, radix: 16) }
        return "[\(groups.joined(separator: ":"))]:\(port)"
    }
}
