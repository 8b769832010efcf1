import Foundation

/// Reads one HTTP/1.1 answer of the gate: status, fields, body by length, in chunks or to the end.
struct AdminAnswerReader {
    private let more: () throws -> Data
    private var buffer = Data()

    init(_ more: @escaping () throws -> Data) { self.more = more }

    mutating func answer(_ receive: ((Data) throws -> Void)?) throws -> AdminClient.Answer {
        let words = try line().split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else { throw Self.broken }
        var length: Int?
        var isChunked = false
        while case let field = try line(), !field.isEmpty {
            let lower = field.lowercased()
            if lower.hasPrefix("content-length:") { length = Int(lower.dropFirst(15).filter { $0 != " " }) }
            if lower.hasPrefix("transfer-encoding:") { isChunked = lower.hasSuffix("chunked") }
        }
        var body = Data()
        // What was refused is small and is wanted whole.
        func keep(_ piece: Data) throws {
            if let receive, status < 400 { try receive(piece) } else { body += piece }
        }
        if isChunked {
            while case let size = Int(try line().prefix { $0 != ";" }, radix: 16), let size, size > 0 {
                try keep(try take(size))
                _ = try line()
            }
        } else if let length {
            try keep(try take(length))
        } else {
            while case let piece = try rest(), !piece.isEmpty { try keep(piece) }
        }
        return AdminClient.Answer(status: status, body: body)
    }

    private static let broken = Failure("the gate hung up in the middle of its answer; look at its log")

    private mutating func line() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 0x0a) {
                let text = String(decoding: buffer[buffer.startIndex..<end], as: UTF8.self)
                buffer = buffer[(end + 1)...]
                return text.hasSuffix("\r") ? String(text.dropLast()) : text
            }
            try fill()
        }
    }

    private mutating func take(_ count: Int) throws -> Data {
        while buffer.count < count { try fill() }
        defer { buffer = buffer.dropFirst(count) }
        return Data(buffer.prefix(count))
    }

    private mutating func rest() throws -> Data {
        defer { buffer = Data() }
        return buffer.isEmpty ? try more() : buffer
    }

    private mutating func fill() throws {
        let piece = try more()
        guard !piece.isEmpty else { throw Self.broken }
        buffer = Data(buffer) + piece
    }
}
