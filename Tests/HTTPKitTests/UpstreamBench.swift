import Bytes
import HTTPKit

/// An ``H2Upstream`` and a provider made of frames.
final class UpstreamBench {
    let session: H2Upstream
    private(set) var calls: [UpstreamCall] = []
    private(set) var goaways = 0
    private(set) var floods: [H2Flood] = []
    private(set) var isAlive = true
    /// Whether body bytes of answers are granted anew as they come.
    var credits = true
    private var decoder = HPACKDecoder()

    /// - Parameter greets: whether the connection's first frames have gone both ways.
    init(_ change: (inout H2Limits) -> Void = { _ in }, greets: Bool = true) {
        var limits = H2Limits()
        change(&limits)
        session = H2Upstream(limits, now: 0)
        guard greets else { return }
        feed(.setting(), H2Frame(H2Frame.settings, flags: H2Frame.ack))
        _ = raw()
    }

    func call(
        _ method: String = "POST", path: String = "/send", body: String? = nil, ends: Bool = true, length: Int? = nil, fields: [(String, String)] = []
    ) -> UpstreamCall {
        let call = UpstreamCall(method, path: path, body: body, ends: ends, length: length, fields: fields)
        calls.append(call)
        _ = call.submit(to: session)
        return call
    }

    /// A call whose HEADERS have been handed out.
    func sent(_ method: String = "POST", body: String? = nil, ends: Bool = true) -> UpstreamCall {
        let call = call(method, body: body, ends: ends)
        _ = flush()
        return call
    }

    func feed(_ frames: H2Frame...) { feed(frames.flatMap(\.bytes)) }

    func feed(_ bytes: [UInt8], now: UInt64 = 1) {
        isAlive = bytes.withUnsafeBufferPointer { session.receive($0, now: now) }
        take()
    }

    /// What one `write` of at most `limit` octets hands out.
    func raw(limit: Int = .max) -> [UInt8] {
        var out = GrowableBytes()
        _ = session.write(into: &out, atMost: limit)
        take()
        return Array(out.bytes)
    }

    func flush(limit: Int = .max) -> [H2Frame] { H2Frame.all(in: raw(limit: limit)) }

    private func take() {
        while let event = session.nextEvent() {
            switch event {
            case .head(let stream): call(of: stream).note("h")
            case .data(let stream, let count):
                call(of: stream).note("d")
                if credits {
                    session.credit(stream, count)
                    session.creditConnection(count)
                }
            case .end(let stream): call(of: stream).note("e")
            case .wrote(let stream, let count): call(of: stream).wrote += count
            case .sentEnd(let stream): call(of: stream).note("s")
            case .closed(let stream, let code, let unsent):
                call(of: stream).note("c")
                call(of: stream).end = .init(code: code, unsent: unsent)
            case .goaway: goaways += 1
            case .flood(let flood): floods.append(flood)
            }
        }
    }

    private func call(of stream: UnsafeMutablePointer<H2Stream>) -> UpstreamCall {
        Unmanaged<UpstreamCall>.fromOpaque(stream.pointee.owner.unsafelyUnwrapped).takeUnretainedValue()
    }

    /// The fields of a HEADERS frame and its CONTINUATIONs, each `name: value`.
    func fields(_ frames: [H2Frame]) throws -> [String] {
        let block = frames.filter { $0.type == H2Frame.headers || $0.type == H2Frame.continuation }.flatMap(\.payload)
        var list: [String] = []
        try block.withUnsafeBufferPointer { block throws(HPACKError) in
            try decoder.decode(block) { list.append("\(text($0.name)): \(text($0.value))") }
        }
        return list
    }
}
