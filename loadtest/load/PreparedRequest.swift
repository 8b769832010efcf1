import Bytes
import HTTPKit

/// A request that is ready to go out any number of times: its fields for HTTP/2, and all its bytes for HTTP/1.1.
final class PreparedRequest {
    /// What its answer must be like.
    enum Expectation { case sent, blocked }

    let head = UnsafeMutablePointer<RequestHead>.allocate(capacity: 1)
    let path: UnsafeBufferPointer<UInt8>
    let authority: UnsafeBufferPointer<UInt8>
    let body: UnsafeBufferPointer<UInt8>
    let http1: UnsafeBufferPointer<UInt8>
    let expectation: Expectation

    /// Head and texts live as long as the process: frames that wait to be sent point into them.
    init(path: String, authority: String, contentType: String, body: [UInt8], expectation: Expectation) {
        head.initialize(to: RequestHead(fieldLimit: 16, byteLimit: 4096))
        _ = FieldRules.append(name: Self.stable(":method".utf8), value: Self.stable("POST".utf8), to: &head.pointee)
        _ = head.pointee.fields.add("content-type", contentType)
        _ = head.pointee.fields.add("user-agent", "stopgate-load")
        _ = head.pointee.fields.add("authorization", "Basic QUMxOnNlY3JldA==")
        self.path = Self.stable(path.utf8)
        self.authority = Self.stable(authority.utf8)
        self.body = Self.stable(body)
        self.expectation = expectation
        let head = "POST \(path) HTTP/1.1\r\nhost: \(authority)\r\ncontent-type: \(contentType)\r\nuser-agent: stopgate-load\r\n"
            + "authorization: Basic QUMxOnNlY3JldA==\r\ncontent-length: \(body.count)\r\n\r\n"
        http1 = Self.stable(Array(head.utf8) + body)
    }

    private static func stable(_ bytes: some Collection<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        return UnsafeBufferPointer(copy)
    }
}
