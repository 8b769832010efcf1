import Adapters
import Foundation
import Policy

/// Where a request goes: `method\nhost\ntarget`.
///
/// - What goes on, routed again, goes the same way and stays as it is.
/// - A path that some server may read as a send is a send or refused, never let through.
enum RouteHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let (method, rest) = input.firstLine
        let (host, target) = rest.firstLine
        let routes = Fixture.ruleset.routes
        var out = RequestTarget(), again = RequestTarget()
        let route = routes.route(method: method.span, host: host.span, target: target.span, into: &out)
        let label = label(route)
        guard !label.hasPrefix("refuse") else { return }
        try require(out.bytes.first == UInt8(ascii: "/") && out.pathCount <= out.bytes.count, "target")
        try require(out.bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }, "octets in the target")
        try require(out.query.upperBound <= out.bytes.count, "query")
        let second = routes.route(method: method.span, host: out.authority.span, target: out.bytes.span, into: &again)
        try require(self.label(second) == label, "\(label), and again \(self.label(second))")
        try require(again.bytes == out.bytes && again.pathCount == out.pathCount && again.authority == out.authority, "normalised twice")
        if !label.hasPrefix("send"), Array(method) == Array("POST".utf8) {
            let words = loosePath(out.bytes[..<out.pathCount])
            let isTwilio = words.count == 4 && words[0] == "2010-04-01" && words[1] == "accounts" && words[3] == "messages"
            let isSendGrid = words == ["v3", "mail", "send"]
            try require(!(isTwilio && label.contains("twilio") || isSendGrid && label.contains("sendgrid")), "\(words) is let through")
        }
    }

    private static func label(_ route: Route) -> String {
        switch route {
        case .send(_, let endpoint): "send \(endpoint.label)"
        case .ask(let adapter, let limit): "ask \(adapter.provider) \(limit)"
        case .pass(let adapter, let takesBody): "pass \(adapter.provider) \(takesBody)"
        case .refuse(let refusal, let adapter): "refuse \(refusal) \(adapter?.provider ?? "")"
        }
    }

    /// The words of a path as the most lenient server may read them: decoded until nothing changes, in small letters, without empty
    /// words, dots, path parameters and formats.
    private static func loosePath(_ path: ArraySlice<UInt8>) -> [String] {
        var text = String(decoding: path, as: UTF8.self)
        while let decoded = text.removingPercentEncoding, decoded != text { text = decoded }
        return text.lowercased().replacing("\\", with: "/").split(separator: "/").filter { $0 != "." }.map { word in
            let plain = word.prefix { $0 != ";" }
            for format in [".json", ".xml", ".csv"] where plain.hasSuffix(format) { return String(plain.dropLast(format.count)) }
            return String(plain)
        }
    }
}
