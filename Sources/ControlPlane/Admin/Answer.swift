import Foundation
import Hummingbird

/// Makes answers out of values.
enum Answer {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    static func json(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: try encode(value) + Data("\n".utf8))))
    }
}

/// One value of a small answer.
struct AnswerValue: Encodable, Sendable {
    private let encoding: @Sendable (any Encoder) throws -> Void

    init(_ value: some Encodable & Sendable) { encoding = { try value.encode(to: $0) } }

    func encode(to encoder: any Encoder) throws { try encoding(encoder) }
}
