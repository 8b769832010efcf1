import Foundation
import HTTPTypes
import Hummingbird

/// A small answer, whole.
struct AdminAnswer: Sendable {
    let status: HTTPResponse.Status
    let body: Data

    init(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) throws {
        self.status = status
        body = try Answer.encode(value) + Data("\n".utf8)
    }

    /// - Parameter isReplay: the answer is the one that the same call got before.
    func response(isReplay: Bool = false) -> Response {
        var response = Response(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: body)))
        if isReplay, let name = HTTPField.Name("idempotency-replayed") { response.headers[name] = "true" }
        return response
    }
}
