public import Bytes

/// How sends for later are recognised and taken back, compiled from ``ScheduledSpec``.
public struct ScheduledRule: Sendable {
    public let policy: OpaquePolicy
    /// For a JSON body: the places of the time.
    public let paths: [BodyPath]
    /// For a form or multipart body: the fields.
    public let fields: [[UInt8]]
    /// The call that takes a send back, cut at its holes; empty when there is none.
    public let call: [Piece]

    public enum Piece: Sendable {
        case text([UInt8])
        /// A segment of the send's own path, counted from 0, less the text behind its hole.
        case segment(Int, suffix: Int)
        /// A value of the send's body: its place in JSON, where the body may be that, and its field in a form.
        case value(BodyPath?, field: [UInt8])
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
        let isJSON = endpoint.formats.contains(.json)
        guard let cancel = spec.cancel else {
            call = []
            return
        }
        call = try Self.pieces("\(cancel.method) \(cancel.path)\(cancel.body.isEmpty ? "" : " \(cancel.body)")", holes, isJSON: isJSON)
    }

    /// Appends what stands in the segment of a path, without the text behind its hole.
    public static func append(segment number: Int, suffix: Int, of path: Span<UInt8>, into out: inout GrowableBytes) {
        let range = segment(number, of: path)
        out.append(path.extracting(range.lowerBound..<max(range.lowerBound, range.upperBound - suffix)))
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

    private static func pieces(_ text: String, _ holes: [Substring: Piece], isJSON: Bool) throws(AdapterProblem) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            pieces.append(.text(Array(rest[..<open].utf8)))
            let name = rest[rest.index(after: open)..<close]
            // JSON in the body has braces too, and {message_id} is filled in when the answer is known.
            var hole = holes[name]
            if hole == nil { hole = try value(name, isJSON) }
            if let hole {
                pieces.append(hole)
                rest = rest[rest.index(after: close)...]
            } else {
                guard name == "message_id" || !name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) || name.isEmpty else {
                    throw AdapterProblem(
                        "scheduled.cancel", "{\(name)} has no value: the send's path has no such segment",
                        suggestion: "{message_id} is the provider's name for the message, {body.\(name)} a value of the send's body")
                }
                pieces.append(.text([UInt8(ascii: "{")]))
                rest = rest[rest.index(after: open)...]
            }
        }
        pieces.append(.text(Array(rest.utf8)))
        return pieces
    }

    /// `{body.batch_id}`: a value of the send's body.
    private static func value(_ name: Substring, _ isJSON: Bool) throws(AdapterProblem) -> Piece? {
        guard name.hasPrefix("body.") else { return nil }
        let place = String(name.dropFirst("body.".count))
        guard isJSON else { return .value(nil, field: Array(place.utf8)) }
        let path = try BodyPath(place, path: "scheduled.cancel")
        guard path.isSingle else { throw AdapterProblem("scheduled.cancel", "'\(place)' leads to several values") }
        return .value(path, field: Array(place.utf8))
    }
}
