import Bytes

/// A compiled ``MatchSpec``: what a request has to say in a header, a form field or its body to be a certain
/// call.
public struct RequestMatch: Sendable {
    public enum Source: Sendable { case header, field, body }

    public let source: Source
    /// The header's name in lower case, or the field's name byte for byte; empty for a body.
    public let name: [UInt8]
    /// What has to stand there, byte for byte; empty for a body.
    public let value: [UInt8]
    /// What the body has to say; `nil` for a header or a field.
    public let body: BodyMatch?

    init(_ spec: MatchSpec, json: JSONLimits, path: String) throws(AdapterProblem) {
        if case .body(let wanted) = spec.source {
            source = .body
            body = try BodyMatch(wanted, json: json, path: path)
            name = []
            value = []
            return
        }
        body = nil
        value = Array(spec.value.utf8)
        guard !value.isEmpty, value.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw AdapterProblem("\(path).value", "must be text without blanks, such as Publish")
        }
        switch spec.source {
        case .header(let text):
            source = .header
            name = RouteBytes.lower(text.utf8)
            guard !name.isEmpty, name.allSatisfy({ RouteBytes.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) else {
                throw AdapterProblem("\(path).header", "must be a header's name, such as X-Amz-Target")
            }
        case .field(let text):
            source = .field
            name = Array(text.utf8)
            guard !name.isEmpty, name.allSatisfy({ RouteBytes.isUnreserved($0) }) else {
                throw AdapterProblem("\(path).field", "must be a field's name: letters, digits, '-', '.', '_' or '~'")
            }
        case .body: preconditionFailure("dealt with above")
        }
    }

    /// What `text`, the whole decoded value of the header or field, says.
    public func answer(_ text: Span<UInt8>) -> MatchAnswer {
        if ASCIIText.equal(text, value.span) { return .holds }
        // A server that trims or folds would take it for the call.
        let trimmed = text.extracting(ASCIIText.trimmingBlanks(text, text.indices))
        return ASCIIText.caselessEqual(trimmed, value.span) ? .refused(.nameMisspelt) : .differs
    }

    /// Whether the query of a read asks for the call: servers that tell calls apart by a field take GET for POST, with the
    /// field in the query. Case, escapes and blanks do not count, and neither do brackets behind the name.
    /// - Complexity: O(query). No allocation.
    func isAsked(by query: Span<UInt8>) -> Bool {
        guard source == .field else { return false }
        var start = 0
        while start < query.count {
            var end = start
            while end < query.count, query[end] != UInt8(ascii: "&"), query[end] != UInt8(ascii: ";") { end += 1 }
            var middle = start
            while middle < end, query[middle] != UInt8(ascii: "=") { middle += 1 }
            if middle < end, RouteBytes.reads(query.extracting(start..<middle), as: name, orBracket: true),
                RouteBytes.reads(query.extracting((middle + 1)..<end), as: value, orBracket: false)
            {
                return true
            }
            start = end + 1
        }
        return false
    }

    /// Whether a request can satisfy both.
    func canHoldBeside(_ other: RequestMatch) -> Bool {
        source != other.source || name != other.name || value == other.value
    }
}

/// What a request says to a ``RequestMatch``.
public enum MatchAnswer: Sendable, Equatable {
    case holds
    /// Something else stands there, or nothing.
    case differs
    /// The body must be read first.
    case unknown
    /// Servers may disagree on what stands there.
    case refused(Refusal)
}
