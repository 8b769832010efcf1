import Bytes
import HTTPKit

/// A request on an ``H2Upstream`` with all that the engine would hold for it, and what became of it.
final class UpstreamCall {
    struct End: Equatable { var code: UInt32, unsent: Bool }

    let stream = UnsafeMutablePointer<H2Stream>.allocate(capacity: 1)
    let request = UnsafeMutablePointer<RequestHead>.allocate(capacity: 1)
    let response = UnsafeMutablePointer<ResponseHead>.allocate(capacity: 1)
    let incoming = UnsafeMutablePointer<ByteQueue>.allocate(capacity: 1)
    let outgoing = UnsafeMutablePointer<ByteQueue>.allocate(capacity: 1)
    private let texts: UnsafeMutableBufferPointer<UInt8>
    private let pathCount: Int
    let length: Int?
    let hasBody: Bool

    /// Events in order, one letter each: head, data (once for neighbours), end, closed.
    var trace = ""
    var end: End?
    var wrote = 0

    /// - Parameter body: `nil` for a request without one.
    init(_ method: String = "POST", path: String = "/send", body: String? = nil, ends: Bool = true, length: Int? = nil, fields: [(String, String)] = []) {
        self.length = length
        hasBody = body != nil
        request.initialize(to: RequestHead(fieldLimit: 200, byteLimit: 1 << 20))
        response.initialize(to: ResponseHead())
        incoming.initialize(to: ByteQueue())
        outgoing.initialize(to: ByteQueue())
        stream.initialize(to: H2Stream())
        pathCount = path.utf8.count
        texts = .allocate(capacity: pathCount + 11)
        _ = texts.initialize(from: Array(path.utf8) + Array("api.example".utf8))
        for (name, value) in [(":method", method), (":scheme", "https"), (":path", "/"), (":authority", "gate")] + fields {
            wire(name).withUnsafeBufferPointer { name in
                wire(value).withUnsafeBufferPointer { _ = FieldRules.append(name: name, value: $0, to: &request.pointee) }
            }
        }
        stream.pointee.response = response
        stream.pointee.incoming = incoming
        stream.pointee.outgoing = outgoing
        stream.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        if let body { add(body, ends: ends) }
    }

    deinit {
        stream.deinitialize(count: 1)
        request.deinitialize(count: 1)
        response.deinitialize(count: 1)
        incoming.deinitialize(count: 1)
        outgoing.deinitialize(count: 1)
        stream.deallocate()
        request.deallocate()
        response.deallocate()
        incoming.deallocate()
        outgoing.deallocate()
        texts.deallocate()
    }

    func add(_ body: String, ends: Bool) {
        wire(body).withUnsafeBufferPointer { outgoing.pointee.append($0) }
        stream.pointee.outgoingEnded = ends
    }

    func submit(to session: H2Upstream, dropping: HeaderTokenSet = []) -> Bool {
        let all = UnsafeBufferPointer(texts)
        return session.submitRequest(
            stream, request, path: UnsafeBufferPointer(rebasing: all[..<pathCount]), authority: UnsafeBufferPointer(rebasing: all[pathCount...]),
            dropping: dropping, length: length, hasBody: hasBody)
    }

    func note(_ letter: Character) { if letter != "d" || trace.last != "d" { trace.append(letter) } }

    var status: Int { response.pointee.status }
    var body: String { text(incoming.pointee.readable) }
    var fault: HTTPFault? { stream.pointee.fault ?? FieldRules.finish(&response.pointee, answering: request.pointee.method) }
}
