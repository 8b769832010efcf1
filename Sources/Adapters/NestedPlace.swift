/// The decoders behind a place, compiled: how to get from one text to the recipients inside of it.
///
/// | adapter's text | steps |
/// |---|---|
/// | `raw \| base64url \| mime` | base64url, message |
/// | `X-SMTPAPI \| json \| to[*]` | document `to[*]` |
/// | `ToBinding \| json \| address` | document `address` |
public struct NestedPlace: Sendable {
    /// One stretch of a path into a JSON document.
    public enum PathStep: Sendable, Hashable {
        case member([UInt8])
        /// Every item of an array.
        case items
        /// Every member of a map; at the end of the path, its keys.
        case anyMember
    }

    public enum Step: Sendable, Hashable {
        /// The text is base 64.
        case base64, base64url
        /// The same with CR and LF wherever they stand.
        case base64lines
        /// The text is a JSON document; what stands at the path is a string and is read on.
        case document([PathStep])
        /// The text is a MIME message: the recipients of the header in this role, or of all that have some.
        case message(MIMEField.Role?)
    }

    public let steps: [Step]
    /// Where in the JSON document that is read last anybody may be named: these places, and what stands below them.
    public let data: [[PathStep]]

    /// Whether the text is a message, or one in base 64: what senders attach as a file.
    public var isFile: Bool {
        switch steps.first {
        case .message, .base64, .base64lines, .base64url: true
        case .document, nil: false
        }
    }

    /// Texts inside texts inside texts, and no deeper.
    static let depthLimit = 3

    /// - Parameters:
    ///   - data: places in the same text that hold no recipient, each with where it stands in the adapter's file.
    ///   - path: where the place stands in the adapter's file, for errors.
    init(_ place: Place, data: [(place: Place, path: String)] = [], path: String) throws(AdapterProblem) {
        guard place.decoders.count <= Self.depthLimit else {
            throw AdapterProblem(path, "at most \(Self.depthLimit) decoders may follow one another")
        }
        var steps: [Step] = []
        for (index, decoder) in place.decoders.enumerated() {
            let isLast = index == place.decoders.count - 1
            switch decoder {
            case .base64: steps.append(.base64)
            case .base64url: steps.append(.base64url)
            case .base64lines: steps.append(.base64lines)
            case .json(let text):
                let inner = try Self.steps(FieldPath(text, path: path), text, path)
                guard isLast || inner.allSatisfy({ if case .member = $0 { true } else { false } }) else {
                    throw AdapterProblem(path, "'\(text)' names several texts: only the last decoder may")
                }
                steps.append(.document(inner))
            case .mime(let header):
                guard isLast else { throw AdapterProblem(path, "nothing follows mime but one header: mime | To") }
                steps.append(.message(try header.map { name throws(AdapterProblem) in try Self.role(name, path) }))
            }
        }
        self.steps = steps
        var inner: [[PathStep]] = []
        for entry in data {
            guard case .json(let text)? = entry.place.decoders.last else { continue }
            inner.append(try Self.steps(FieldPath(text, path: entry.path), text, entry.path))
        }
        self.data = inner
    }

    private static func steps(_ field: FieldPath, _ text: String, _ path: String) throws(AdapterProblem) -> [PathStep] {
        var steps: [PathStep] = []
        for step in field.steps {
            switch step {
            case .member(let name): steps.append(.member(Array(name.utf8)))
            case .items: steps.append(.items)
            case .anyMember: steps.append(.anyMember)
            case .recipient: throw AdapterProblem(path, "'\(text)': {recipient} stands only in with")
            }
        }
        guard !steps.isEmpty else { throw AdapterProblem(path, "'\(text)' names nothing inside of the JSON") }
        return steps
    }

    private static func role(_ name: String, _ path: String) throws(AdapterProblem) -> MIMEField.Role {
        guard let role = MIMEHeaderNames.role(of: Array(name.utf8).span), role.isRecipient else {
            throw AdapterProblem(path, "'\(name)' is no recipient header: To, Cc, Bcc, Resent-To, Resent-Cc or Resent-Bcc")
        }
        return role
    }
}
