import Bytes

/// The body of an error answer, or the value of one of its headers, cut at its placeholders.
struct ErrorTemplate: Sendable {
    enum Piece: Sendable, Equatable {
        /// A range of ``text``.
        case literal(Range<Int>)
        case message, status, code, field, recipient, each, uuid, auditID
        /// The value that the request has in the header of the same name.
        case same
    }

    /// Every placeholder, by its name in a template.
    static let placeholders: [(name: String, piece: Piece)] = [
        ("message", .message), ("status", .status), ("code", .code), ("field", .field), ("recipient", .recipient), ("each", .each),
        ("uuid", .uuid), ("audit_id", .auditID), ("same", .same),
    ]

    let text: [UInt8]
    let pieces: [Piece]

    /// - Parameters:
    ///   - text: the body with placeholders such as `{{message}}` in it.
    ///   - allowed: the placeholders it may have.
    ///   - path: where the text stands in the adapter's file, for errors.
    init(_ text: String, allowing allowed: [Piece], path: String) throws(AdapterProblem) {
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
            // Of three braces the first is JSON's own: {{{code}}}.
            if at + 2 < bytes.count, bytes[at + 2] == open {
                at += 1
                continue
            }
            guard let end = bytes[at...].firstIndex(of: close), end + 1 < bytes.count, bytes[end + 1] == close else {
                throw AdapterProblem(path, "'{{' without '}}'")
            }
            if from < at { pieces.append(.literal(from..<at)) }
            let name = String(decoding: bytes[(at + 2)..<end], as: UTF8.self)
            guard let known = Self.placeholders.first(where: { $0.name == name })?.piece, allowed.contains(known) else {
                let names = Self.placeholders.filter { allowed.contains($0.piece) }.map(\.name)
                throw AdapterProblem(path, "unknown placeholder {{\(name)}}; there are \(names.joined(separator: ", "))", word: name, among: names)
            }
            pieces.append(known)
            at = end + 2
            from = at
        }
        if from < bytes.count { pieces.append(.literal(from..<bytes.count)) }
        self.text = bytes
        self.pieces = pieces
    }

    func has(_ piece: Piece) -> Bool { pieces.contains(piece) }
}
