/// A place in a request as adapters write it: where the text stands, and the decoders that lead on from there.
///
/// ```
/// to[*].email                      a JSON path or a field's name alone
/// raw | base64url | mime           a JSON string that holds base64 that holds a MIME message: all its recipients
/// X-SMTPAPI | json | to[*]         a header that holds JSON: the items of its member `to`
/// base64 | mime | Bcc              the whole body, where it is base64: the recipients of one header
/// ```
public struct Place: Sendable, Hashable {
    public enum Decoder: Sendable, Hashable {
        case base64, base64url
        /// Base 64 that may have line breaks in it.
        case base64lines
        /// The text is JSON; the path goes on inside of it.
        case json(String)
        /// The text is a MIME message: the recipients of one header, or of every header that holds some.
        case mime(header: String?)
    }

    /// What ``EndpointSpec/Format`` or ``RecipientSpec/Location`` says it is: a JSON path, a field's or header's name, a
    /// segment of the path template. Empty: the whole body.
    public let base: String
    /// In the order they are applied. A MIME message is the last.
    public let decoders: [Decoder]

    /// - Parameters:
    ///   - text: the place as written.
    ///   - isBody: whether it begins with the whole body, so that the first word is a decoder already.
    ///   - path: where the text stands in the adapter's file, for errors.
    init(_ text: String, isBody: Bool = false, path: String) throws(AdapterProblem) {
        var words = text.split(separator: "|", omittingEmptySubsequences: false).map { Self.trim($0) }
        guard words.allSatisfy({ !$0.isEmpty }) else {
            throw AdapterProblem(path, "'\(text)' has nothing on one side of a '|': write a place such as raw | base64 | mime")
        }
        base = isBody ? "" : words.removeFirst()
        var decoders: [Decoder] = []
        var at = 0
        while at < words.count {
            let next = at + 1 < words.count ? words[at + 1] : nil
            switch words[at] {
            case "base64": decoders.append(.base64)
            case "base64url": decoders.append(.base64url)
            case "base64lines": decoders.append(.base64lines)
            case "json":
                guard let next else { throw AdapterProblem(path, "say what inside the JSON holds the recipient: \(text) | to[*]") }
                decoders.append(.json(next))
                at += 1
            case "mime":
                decoders.append(.mime(header: next))
                guard at + 2 >= words.count else { throw AdapterProblem(path, "nothing follows mime but one header: mime | To") }
                at += 1
            default:
                throw AdapterProblem(
                    path, "'\(words[at])' is no decoder; there are base64, base64lines, base64url, json and mime", word: words[at],
                    among: ["base64", "base64lines", "base64url", "json", "mime"])
            }
            at += 1
        }
        self.decoders = decoders
    }

    private static func trim(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
