import Foundation

/// An HTTP/1.1 client for one call on a TCP port or a Unix socket. It blocks on a queue of its own: tests share their threads with
/// the servers they test.
struct TestClient: Sendable {
    struct Answer: Sendable {
        let status: Int
        let head: String
        let body: String

        /// A member of a JSON object.
        func member<T>(_ name: String, as type: T.Type = T.self) -> T? {
            let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return object?[name] as? T
        }
    }

    struct Broken: Error { let what: String }

    private static let queue = DispatchQueue(label: "test-client", attributes: .concurrent)
    private let descriptor: @Sendable () throws -> Int32

    init(port: Int) {
        descriptor = {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            return try Self.connect(AF_INET, &address)
        }
    }

    init(socket path: String) {
        descriptor = {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { bytes in
                for (index, byte) in path.utf8.enumerated() { bytes[index] = byte }
            }
            return try Self.connect(AF_UNIX, &address)
        }
    }

    private static func connect<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        let size = socklen_t(MemoryLayout<Address>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(descriptor, $0, size) }
        }
        guard connected == 0 else {
            close(descriptor)
            throw Broken(what: "connect: errno \(errno)")
        }
        return descriptor
    }

    func call(_ method: String, _ target: String, fields: [String: String] = [:], body: String = "") async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { continuation.resume(with: Result { try exchange(method, target, fields, body) }) }
        }
    }

    private func exchange(_ method: String, _ target: String, _ fields: [String: String], _ body: String) throws -> Answer {
        let descriptor = try descriptor()
        defer { close(descriptor) }
        var text = "\(method) \(target) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" { text += "content-length: \(body.utf8.count)\r\n" }
        let bytes = Array((text + "\r\n" + body).utf8)
        guard Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw Broken(what: "send") }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { received += buffer.prefix(count) }
        let answer = String(decoding: received, as: UTF8.self)
        guard let end = answer.range(of: "\r\n\r\n"), let status = Int(answer.split(separator: " ").dropFirst().first ?? "") else {
            throw Broken(what: "no answer: \(answer.prefix(100))")
        }
        let head = String(answer[..<end.lowerBound])
        var rest = String(answer[end.upperBound...])
        if head.lowercased().contains("transfer-encoding: chunked") { rest = Self.joined(rest) }
        return Answer(status: status, head: head, body: rest)
    }

    private static func joined(_ chunked: String) -> String {
        var bytes = Array(chunked.utf8)[...], out: [UInt8] = []
        while let end = bytes.firstIndex(of: 0x0a), let size = Int(String(decoding: bytes[..<end].filter { $0 != 0x0d }, as: UTF8.self), radix: 16), size > 0 {
            let start = end + 1
            out += bytes[start..<min(start + size, bytes.endIndex)]
            bytes = bytes.dropFirst(start + size + 2 - bytes.startIndex)
        }
        return String(decoding: out, as: UTF8.self)
    }
}
