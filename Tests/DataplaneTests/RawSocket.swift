import Glibc

/// A blocking TCP socket on the loopback address for tests that speak byte by byte. Closed on exec: a program that another test starts
/// would keep a listener's port open.
final class RawSocket: Sendable {
    let fd: Int32

    init(fd: Int32) {
        self.fd = fd
        var wait = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(fd) }

    convenience init(connectingTo port: Int) {
        self.init(fd: socket(AF_INET, Self.kind, 0))
        var address = Self.loopback(port)
        let rc = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        precondition(rc == 0, "connect: errno \(errno)")
    }

    /// A listener on a port of the kernel's choice.
    static func listening() -> (RawSocket, port: Int) {
        let fd = socket(AF_INET, kind, 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(fd, $0, length) == 0 && listen(fd, 16) == 0 && getsockname(fd, $0, &length) == 0)
            }
        }
        return (RawSocket(fd: fd), Int(UInt16(bigEndian: address.sin_port)))
    }

    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    /// The next connection, or `nil` after thirty seconds.
    func accepted() -> RawSocket? {
        let peer = accept(fd, nil, nil)
        guard peer >= 0 else { return nil }
        _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
        return RawSocket(fd: peer)
    }

    func write(_ text: String) {
        var text = text
        text.withUTF8 { precondition(send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count) }
    }

    /// What arrives up to and with `end`, or all there is when the peer ends or nothing comes for thirty seconds.
    func read(through end: String) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while recv(fd, &byte, 1, 0) == 1 {
            bytes.append(byte)
            if bytes.suffix(end.utf8.count).elementsEqual(end.utf8) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How the peer ends the connection: 0 in order, else the error number.
    func ending() -> Int32 {
        var byte: UInt8 = 0
        while true {
            let count = recv(fd, &byte, 1, 0)
            if count == 0 { return 0 }
            if count < 0 { return errno }
        }
    }
}
