import Adapters
import Bytes
import Recipients

/// Reads texts that stand inside of fields: base 64, JSON, MIME messages, three of them in each other at most.
///
/// One document serves many texts and keeps its storage, so a warm one allocates nothing. The same bytes are read strictly at
/// every level, by the scanners that read bodies, so that every server finds the same recipients in them.
struct NestedDocument: ~Copyable {
    /// A text that holds a recipient, or a list of them.
    struct Item: Equatable {
        /// Where it stands in ``NestedFindings/texts``.
        var text: ByteRange
        /// Set where it is one mailbox of a header: that header.
        var role: MIMEField.Role?
        /// In a JSON document the tape node of the value, or of the member whose key it is; in a message the field's index.
        var node: Int
        /// In a JSON document the list that the node is an item of, -1 when it is none; in a message which mailbox of the field.
        var list: Int
        /// Whether it can be taken out without the whole text.
        var canGo: Bool { list >= 0 }
    }

    /// What the last text holds. The same text and place give the same items.
    private(set) var found = NestedFindings()
    /// Whether nobody can be taken out of it: it is a message that is signed or was sent before.
    private(set) var isSealed = false

    /// What the steps have decoded; each reads the one and fills the other.
    private var front = GrowableBytes(capacity: 4096)
    private var back = GrowableBytes(capacity: 4096)
    private var message = MIMEMessage()
    private var json = JSONTape()

    init() {}

    /// Reads `text` and replaces ``found``.
    /// - Parameters:
    ///   - text: the field's text, its own coding taken off.
    ///   - limits: for JSON inside of it.
    ///   - limit: the most recipients it may hold.
    /// - Throws: when servers could read it in different ways. Nothing is then found.
    /// - Complexity: linear for each step.
    mutating func read(_ text: Span<UInt8>, _ place: NestedPlace, json limits: JSONLimits, limit: Int) throws(NestedFault) {
        found.removeAll()
        isSealed = false
        var isWhole = false
        defer { if !isWhole { found.removeAll() } }
        front.reset(keeping: 1 << 20)
        front.append(text)
        for index in place.steps.indices {
            let isLast = index == place.steps.count - 1
            switch place.steps[index] {
            case .base64, .base64lines, .base64url:
                if place.steps[index] == .base64lines {
                    back.reset(keeping: 1 << 20)
                    Self.join(front, into: &back)
                    swap(&front, &back)
                }
                back.reset(keeping: 1 << 20)
                guard Self.decode(front, isURL: place.steps[index] == .base64url, into: &back) else { throw .base64 }
                swap(&front, &back)
                if isLast { Self.take(front, &found) }
            case .document(let path):
                try Self.scan(front, &json, limits)
                if isLast {
                    try Self.walk(front, json, path, place.data, limit, &found)
                } else {
                    guard let node = try Self.find(front, json, path) else {
                        Self.addOthers(front, json, except: -1, &found)
                        isWhole = true
                        return
                    }
                    Self.addOthers(front, json, except: node, &found)
                    back.reset(keeping: 1 << 20)
                    Self.unescape(front, json, node, into: &back)
                    swap(&front, &back)
                }
            case .message(let role):
                try Self.scan(front, &message)
                isSealed = message.isSealed
                try Self.readHeaders(front, message, role, limit, &found)
            }
        }
        isWhole = true
    }

    /// Reads base 64 in its canonical form; that for URLs with all of its padding or none.
    static func decode(_ text: borrowing GrowableBytes, isURL: Bool, into out: inout GrowableBytes) -> Bool {
        text.withSpan { text in
            guard isURL else { return Base64.decode(text, .standard, into: &out) == nil }
            var end = text.count
            if end % 4 == 0 { while end > 0, end > text.count - 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 } }
            return Base64.decode(text.extracting(0..<end), .url, into: &out) == nil
        }
    }

    /// Appends the text without its line breaks.
    static func join(_ text: borrowing GrowableBytes, into out: inout GrowableBytes) {
        text.withSpan { text in
            var from = 0
            for index in text.indices where text[index] == UInt8(ascii: "\r") || text[index] == UInt8(ascii: "\n") {
                out.append(text.extracting(from..<index))
                from = index + 1
            }
            out.append(text.extracting(from..<text.count))
        }
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    private static func take(_ text: borrowing GrowableBytes, _ found: inout NestedFindings) {
        text.withSpan { found.add($0) }
    }

    private static func scan(_ text: borrowing GrowableBytes, _ json: inout JSONTape, _ limits: JSONLimits) throws(NestedFault) {
        do throws(BodyFault) {
            try text.withSpan { (text) throws(BodyFault) in try json.scan(text, limits: limits) }
        } catch { throw .body(error) }
    }

    private static func scan(_ text: borrowing GrowableBytes, _ message: inout MIMEMessage) throws(NestedFault) {
        do throws(BodyFault) {
            try text.withSpan { (text) throws(BodyFault) in try message.scan(text) }
        } catch { throw .body(error) }
    }

    private static func walk(
        _ text: borrowing GrowableBytes, _ json: borrowing JSONTape, _ path: [NestedPlace.PathStep], _ data: [[NestedPlace.PathStep]], _ limit: Int,
        _ found: inout NestedFindings
    ) throws(NestedFault) {
        try text.withSpan { (text) throws(NestedFault) in
            try found.walk(text, json, 0, path, 0, list: -1, limit: limit)
            var areKeysItems = false
            if case .anyMember = path[path.count - 1] { areKeysItems = true }
            found.addOthers(text, json, areKeysItems: areKeysItems, data: data, except: -1)
        }
    }

    private static func addOthers(
        _ text: borrowing GrowableBytes, _ json: borrowing JSONTape, except node: Int, _ found: inout NestedFindings
    ) {
        text.withSpan { found.addOthers($0, json, areKeysItems: false, except: node) }
    }

    private static func readHeaders(
        _ text: borrowing GrowableBytes, _ message: borrowing MIMEMessage, _ role: MIMEField.Role?, _ limit: Int, _ found: inout NestedFindings
    ) throws(NestedFault) {
        try text.withSpan { (text) throws(NestedFault) in try found.readHeaders(text, message, role, limit: limit) }
    }

    /// The one string at the end of a path of members; `nil` when it is absent or null.
    private static func find(
        _ text: borrowing GrowableBytes, _ json: borrowing JSONTape, _ path: [NestedPlace.PathStep]
    ) throws(NestedFault) -> Int? {
        try text.withSpan { (text) throws(NestedFault) in
            var node = 0
            for index in path.indices {
                guard case .member(let name) = path[index], json[node].kind == .object else { throw .mistyped }
                switch json.look(up: name.span, of: node, in: text) {
                case .absent: return nil
                case .misspelt: throw .misspelt
                case .found(let child): node = child
                }
                if json[node].kind == .null { return nil }
            }
            guard json[node].kind == .string else { throw .mistyped }
            return node
        }
    }

    private static func unescape(
        _ text: borrowing GrowableBytes, _ json: borrowing JSONTape, _ node: Int, into out: inout GrowableBytes
    ) {
        text.withSpan { json.appendString(node, in: $0, to: &out) }
    }
}
