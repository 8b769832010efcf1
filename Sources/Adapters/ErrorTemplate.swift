/// The body of an error answer, cut at its placeholders.
struct ErrorTemplate: Sendable {
    enum Piece: Sendable {
        /// A range of ``text``.
        case literal(Range<Int>)
        case message, status, code, field
    }

    let text: [UInt8]
    let pieces: [Piece]

    /// - Parameters:
    ///   - text: the body with `{{message}}`, `{{status}}`, `{{code}}` and `{{field}}` in it.
    ///   - path: where the text stands in the adapter's file, for errors.
    init(_ text: String, path: String) throws(AdapterProblem) {
        let open = UInt8(ascii: "{"), close = UInt8(ascii: "}")
        let bytes = Array(text.utf8)
        var pieces: [Piece] = []
        var from = 0
        var at = 0
        while at < bytes.count {
            guard bytes[at] == open, at + 1 < bytes.count, bytes[at + 1] == open else {
                at += 1
                continue
            }
            guard let end = bytes[at...].firstIndex(of: close), end + 1 < bytes.count, bytes[end + 1] == close else {
                throw AdapterProblem(path, "'{{' without '}}'")
            }
            if from < at { pieces.append(.literal(from..<at)) }
            let name = String(decoding: bytes[(at + 2)..<end], as: UTF8.self)
            switch name {
            case "message": pieces.append(.message)
            case "status": pieces.append(.status)
            case "code": pieces.append(.code)
            case "field": pieces.append(.field)
            default: throw AdapterProblem(path, "unknown placeholder {{\(name)}}; there are message, status, code and field")
            }
            at = end + 2
            from = at
        }
        if from < at { pieces.append(.literal(from..<at)) }
        self.text = bytes
        self.pieces = pieces
    }
}
