import ControlPlane
import Foundation

/// A small blocking HTTP/1.1 client for the admin socket of a running gate. One call, one connection.
struct AdminClient {
    struct Answer {
        let status: Int
        let body: Data
    }

    private let descriptor: Int32

    /// - Returns: `nil` when no gate listens at `path`.
    /// - Throws: ``Failure`` when one does, but we may not talk to it.
    init?(socket path: String) throws {
        guard path.utf8.count < 108 else { throw Failure("the socket's path '\(path)' is longer than 107 bytes") }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("socket: \(String(errno: errno))") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            for (index, byte) in path.utf8.enumerated() { unsafe bytes[index] = byte }
        }
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if connected != 0 {
            let cause = errno
            close(descriptor)
            if cause == ENOENT || cause == ECONNREFUSED { return nil }
            throw Failure("the gate's admin socket \(path) cannot be opened: \(String(errno: cause)); run this as the gate's user")
        }
        self.descriptor = descriptor
    }

    /// Makes the call.
    /// - Parameter chunks: the body piece by piece, and `nil` at its end; then it is sent chunked.
    func call(
        _ method: String, _ target: String, json: Data? = nil, chunks: (() throws -> Data?)? = nil, receive: ((Data) throws -> Void)? = nil
    ) throws -> Answer {
        defer { close(descriptor) }
        var head = "\(method) \(target) HTTP/1.1\r\nhost: stopgate\r\nconnection: close\r\n"
        if let json { head += "content-type: application/json\r\ncontent-length: \(json.count)\r\n" }
        if chunks != nil { head += "content-type: text/csv\r\ntransfer-encoding: chunked\r\n" }
        var isHeard = try send(Data((head + "\r\n").utf8) + (json ?? Data()))
        // A gate that has heard enough answers and hangs up; its answer says why.
        while isHeard, let chunk = try chunks?() {
            isHeard = try send(Data("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Data("\r\n".utf8))
        }
        if isHeard, chunks != nil { _ = try send(Data("0\r\n\r\n".utf8)) }
        var reader = AdminAnswerReader { try self.read() }
        return try reader.answer(receive)
    }

    /// - Returns: `false` when the gate has hung up.
    private func send(_ data: Data) throws -> Bool {
        var rest = data[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes { unsafe Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0, errno == EINTR { continue }
            if sent < 0, errno == EPIPE || errno == ECONNRESET { return false }
            guard sent > 0 else { throw Failure("the gate's admin socket broke: \(String(errno: errno))") }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    private func read() throws -> Data {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure("the gate's admin socket broke: \(String(errno: errno))") }
            return Data(buffer.prefix(count))
        }
    }
}

extension String {
    init(errno code: Int32) { self = unsafe String(cString: strerror(code)) }
}
