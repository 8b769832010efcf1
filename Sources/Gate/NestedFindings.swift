import Adapters
import Bytes
import Recipients

/// What a text inside of a field holds. Keeps its storage from one text to the next.
struct NestedFindings: ~Copyable {
    /// The recipients, in the order they stand in the text.
    private(set) var items: [NestedDocument.Item] = []
    /// Texts of which nobody says that they hold recipients, but which look as if they did.
    private(set) var others: [Other] = []
    /// The bytes of both.
    private(set) var texts = GrowableBytes(capacity: 1024)
    private var unfolded = GrowableBytes(capacity: 1024)
    private var mailboxes = MailboxList()

    /// A text that may name somebody.
    struct Other: Equatable {
        /// Where it stands in ``texts``.
        var text: ByteRange
        /// The item that it goes with, because it stands in the member whose key that is; -1 when it goes with none.
        var item: Int
    }

    /// Nodes of a JSON document that are data, ascending; some may lie in others.
    private var data: [Range<Int>] = []

    init() {
        items.reserveCapacity(32)
        others.reserveCapacity(32)
    }

    mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
        texts.reset(keeping: 64 << 10)
    }

    /// Notes `text` as one recipient.
    mutating func add(_ text: Span<UInt8>, role: MIMEField.Role? = nil, node: Int = -1, list: Int = -1) {
        let start = texts.count
        texts.append(text)
        items.append(NestedDocument.Item(text: ByteRange(start..<texts.count), role: role, node: node, list: list))
    }

    // MARK: - JSON

    /// Walks from `node` along `path` from step `step` on.
    /// - Parameter list: the list that the node is an item of; -1 when it is none.
    mutating func walk(
        _ text: Span<UInt8>, _ json: borrowing JSONTape, _ node: Int, _ path: [NestedPlace.PathStep], _ step: Int, list: Int, limit: Int
    ) throws(NestedFault) {
        guard step < path.count else { return try take(text, json, node, list, limit) }
        switch path[step] {
        case .member(let name):
            guard json[node].kind == .object else { return try pass(json, node) }
            switch json.look(up: name.span, of: node, in: text) {
            case .absent: return
            case .misspelt: throw .misspelt
            case .found(let child): try walk(text, json, child, path, step + 1, list: -1, limit: limit)
            }
        case .items:
            // A text in place of the list is a list of one to many servers.
            if json[node].kind == .string, step == path.count - 1 { return try take(text, json, node, -1, limit) }
            guard json[node].kind == .array else { return try pass(json, node) }
            var child = node + 1
            while child < Int(json[node].end) {
                try walk(text, json, child, path, step + 1, list: node, limit: limit)
                child = Int(json[child].end)
            }
        case .anyMember:
            guard json[node].kind == .object else { return try pass(json, node) }
            var child = node + 1
            while child < Int(json[node].end) {
                if step == path.count - 1 {
                    try note(json, child, node, limit)
                    json.appendKey(child, in: text, to: &texts)
                    finishNote()
                } else {
                    try walk(text, json, child, path, step + 1, list: node, limit: limit)
                }
                child = Int(json[child].end)
            }
        }
    }

    private mutating func take(_ text: Span<UInt8>, _ json: borrowing JSONTape, _ node: Int, _ list: Int, _ limit: Int) throws(NestedFault) {
        guard json[node].kind == .string else { return try pass(json, node) }
        try note(json, node, list, limit)
        json.appendString(node, in: text, to: &texts)
        finishNote()
    }

    /// Begins an item whose text is appended next.
    private mutating func note(_ json: borrowing JSONTape, _ node: Int, _ list: Int, _ limit: Int) throws(NestedFault) {
        guard items.count < limit else { throw .identifier(.tooManyMailboxes) }
        items.append(NestedDocument.Item(text: ByteRange(texts.count..<texts.count), role: nil, node: node, list: list))
    }

    private mutating func finishNote() { items[items.count - 1].text.upper = UInt32(texts.count) }

    /// Nobody is a member that is null; anything else here is not what the adapter says.
    private func pass(_ json: borrowing JSONTape, _ node: Int) throws(NestedFault) {
        guard json[node].kind == .null, json[node].flags.contains(.member) else { throw .mistyped }
    }

    /// Notes every other text of the document that may hold an identifier.
    /// - Parameters:
    ///   - places: where anybody may be named.
    ///   - read: the node that is read on by another step; -1 when there is none.
    mutating func addOthers(
        _ text: Span<UInt8>, _ json: borrowing JSONTape, areKeysItems: Bool, data places: [[NestedPlace.PathStep]] = [], except read: Int
    ) {
        data.removeAll(keepingCapacity: true)
        for place in places { addData(text, json, 0, place, 0) }
        if places.count > 1 { data.sort { $0.lowerBound < $1.lowerBound } }
        var next = 0, dataEnd = 0
        var item = 0
        // The member around the node whose key is an item, and where it ends.
        var around = -1, end = 0
        for node in 0..<json.count {
            while item < items.count, items[item].node < node { item += 1 }
            let isItem = item < items.count && items[item].node == node
            if node >= end { around = -1 }
            if isItem, areKeysItems, around < 0 {
                around = item
                end = Int(json[node].end)
            }
            while next < data.count, data[next].lowerBound <= node {
                dataEnd = max(dataEnd, data[next].upperBound)
                next += 1
            }
            if node < dataEnd { continue }
            if !(isItem && areKeysItems), IdentifierShape.mayHold(text.extracting(json[node].keyContent)) {
                let start = texts.count
                json.appendKey(node, in: text, to: &texts)
                others.append(Other(text: ByteRange(start..<texts.count), item: around))
            }
            guard json[node].kind == .string, node != read, !isItem || areKeysItems, IdentifierShape.mayHold(text.extracting(json[node].content)) else {
                continue
            }
            let start = texts.count
            json.appendString(node, in: text, to: &texts)
            others.append(Other(text: ByteRange(start..<texts.count), item: around))
        }
    }

    /// Notes the nodes that `place` leads to from `node` on. A name that a laxer reader would take for the place's is not data.
    private mutating func addData(_ text: Span<UInt8>, _ json: borrowing JSONTape, _ node: Int, _ place: [NestedPlace.PathStep], _ step: Int) {
        guard step < place.count else { return data.append(node..<Int(json[node].end)) }
        switch place[step] {
        case .member(let name):
            guard json[node].kind == .object, case .found(let child) = json.look(up: name.span, of: node, in: text) else { return }
            addData(text, json, child, place, step + 1)
        case .items, .anyMember:
            guard json[node].kind == (place[step] == .items ? .array : .object) else { return }
            var child = node + 1
            while child < Int(json[node].end) {
                addData(text, json, child, place, step + 1)
                child = Int(json[child].end)
            }
        }
    }

    // MARK: - MIME

    /// Notes every mailbox of the recipient headers, and the text of headers that may be some to a server nobody knows.
    /// - Parameter wanted: the one header whose mailboxes are recipients; `nil`: all such headers.
    mutating func readHeaders(
        _ text: Span<UInt8>, _ message: borrowing MIMEMessage, _ wanted: MIMEField.Role?, limit: Int
    ) throws(NestedFault) {
        for index in 0..<message.count {
            let role = message[index].role
            if role.isRecipient, wanted == nil || wanted == role {
                try readMailboxes(text, message, index, role, limit)
            } else if role != .known, IdentifierShape.mayHold(text.extracting(message[index].value.range)) {
                let start = texts.count
                message.appendUnfolded(index, in: text, to: &texts)
                others.append(Other(text: ByteRange(start..<texts.count), item: -1))
            }
        }
    }

    private mutating func readMailboxes(
        _ text: Span<UInt8>, _ message: borrowing MIMEMessage, _ field: Int, _ role: MIMEField.Role, _ limit: Int
    ) throws(NestedFault) {
        unfolded.reset(keeping: 64 << 10)
        message.appendUnfolded(field, in: text, to: &unfolded)
        do throws(IdentifierProblem) { try Self.split(unfolded, &mailboxes, limit - items.count) } catch { throw .identifier(error) }
        for index in 0..<mailboxes.count {
            guard mailboxes[index].spelling == .agreed else { throw .unusual }
            let start = texts.count
            Self.copy(unfolded, mailboxes[index].element.range, to: &texts)
            items.append(NestedDocument.Item(text: ByteRange(start..<texts.count), role: role, node: field, list: index))
        }
    }

    private static func split(_ text: borrowing GrowableBytes, _ list: inout MailboxList, _ limit: Int) throws(IdentifierProblem) {
        try text.withSpan { (text) throws(IdentifierProblem) in try list.read(text, limit: limit) }
    }

    private static func copy(_ from: borrowing GrowableBytes, _ range: Range<Int>, to out: inout GrowableBytes) {
        from.withSpan { out.append($0.extracting(range)) }
    }
}
