public import Bytes

/// How sends for later are recognised and taken back, compiled from ``ScheduledSpec``.
public struct ScheduledRule: Sendable {
    public let policy: OpaquePolicy
    /// For a JSON body: the places of the time.
    public let paths: [BodyPath]
    /// For a form or multipart body: the fields.
    public let fields: [[UInt8]]
    private let call: [Piece]

    private enum Piece: Sendable {
        case text([UInt8])
        /// A segment of the send's own path, counted from 0, less the text behind its hole.
        case segment(Int, suffix: Int)
    }

    /// - Parameter inForms: the endpoint as its forms are read.
    init(_ spec: ScheduledSpec, _ endpoint: EndpointSpec, _ inForms: EndpointSpec) throws(AdapterProblem) {
        guard !spec.at.isEmpty else { throw AdapterProblem("scheduled.at", "name at least one place") }
        policy = spec.policy
        var paths: [BodyPath] = []
        if endpoint.formats.contains(.json) {
            for (index, text) in spec.at.enumerated() { paths.append(try BodyPath(text, path: "scheduled.at[\(index)]")) }
        }
        self.paths = paths
        fields = (inForms.scheduled?.at ?? []).map { Array($0.utf8) }
        let holes = Self.holes(endpoint.path)
        call = spec.cancel.map { Self.pieces("\($0.method) \($0.path)\($0.body.isEmpty ? "" : " \($0.body)")", holes) } ?? []
    }

    /// Appends the call that takes the send back: method, path and body. `{message_id}`, which only the provider's answer tells,
    /// and holes that the send's path has no value for, stay as they are.
    /// - Parameter path: the send's own path, without query.
    public func appendCancel(path: Span<UInt8>, into out: inout GrowableBytes) {
        for piece in call {
            switch piece {
            case .text(let text): out.append(text.span)
            case .segment(let number, let suffix):
                let range = Self.segment(number, of: path)
                out.append(path.extracting(range.lowerBound..<max(range.lowerBound, range.upperBound - suffix)))
            }
        }
    }

    /// The names in a path template, each with its segment.
    private static func holes(_ path: String) -> [Substring: Piece] {
        var holes: [Substring: Piece] = [:]
        for (number, part) in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).enumerated() {
            guard part.first == "{", let close = part.firstIndex(of: "}") else { continue }
            holes[part.dropFirst()[..<close]] = .segment(number, suffix: part[part.index(after: close)...].utf8.count)
        }
        return holes
    }

    private static func segment(_ number: Int, of path: Span<UInt8>) -> Range<Int> {
        var start = min(1, path.count)
        for _ in 0..<number where start < path.count { start = min(RouteBytes.firstSlash(path, start, path.count) + 1, path.count) }
        return start..<RouteBytes.firstSlash(path, start, path.count)
    }

    private static func pieces(_ text: String, _ holes: [Substring: Piece]) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            pieces.append(.text(Array(rest[..<open].utf8)))
            let name = rest[rest.index(after: open)..<close]
            // JSON in the body has braces too, and {message_id} is filled in when the answer is known.
            if let hole = holes[name] {
                pieces.append(hole)
                rest = rest[rest.index(after: close)...]
            } else {
                pieces.append(.text([UInt8(ascii: "{")]))
                rest = rest[rest.index(after: open)...]
            }
        }
        pieces.append(.text(Array(rest.utf8)))
        return pieces
    }
}
