public import Bytes

/// What ``JSONTape/look(up:of:in:)-(Span<UInt8>,_,_)`` found.
public enum JSONLookup: Equatable, Sendable {
    case absent
    /// The member with exactly this key.
    case found(Int)
    /// No member has exactly this key, and this one has a key that a laxer parser may take for it: it differs only in case,
    /// compatibility forms, surrounding blanks or invisible characters.
    case misspelt(Int)
}

extension JSONTape {
    /// Looks for the member `name` of the object `node`, comparing unescaped keys byte by byte.
    /// - Returns: ``JSONLookup/absent`` also when `node` is no object.
    /// - Complexity: O(members + their keys).
    public func look(up name: Span<UInt8>, of node: Int, in body: Span<UInt8>) -> JSONLookup {
        guard nodes[node].kind == .object else { return .absent }
        var misspelt: Int?
        var child = node + 1
        let end = Int(nodes[node].end)
        while child < end {
            if keyEquals(name, child, body) { return .found(child) }
            if misspelt == nil && keyFolds(to: name, child, body) { misspelt = child }
            child = Int(nodes[child].end)
        }
        return misspelt.map(JSONLookup.misspelt) ?? .absent
    }

    public func look(up name: String, of node: Int, in body: Span<UInt8>) -> JSONLookup {
        look(up: name.utf8.span, of: node, in: body)
    }

    /// The member of `node` whose key is exactly `name`, if there is one.
    public func member(named name: Span<UInt8>, of node: Int, in body: Span<UInt8>) -> Int? {
        guard nodes[node].kind == .object else { return nil }
        var child = node + 1
        let end = Int(nodes[node].end)
        while child < end {
            if keyEquals(name, child, body) { return child }
            child = Int(nodes[child].end)
        }
        return nil
    }

    public func member(named name: String, of node: Int, in body: Span<UInt8>) -> Int? {
        member(named: name.utf8.span, of: node, in: body)
    }

    /// Appends the text of the string `node`, escapes read, as UTF-8.
    /// - Precondition: the node is a string of the body last scanned, and `body` holds the same bytes.
    public func appendString(_ node: Int, in body: Span<UInt8>, to out: inout GrowableBytes) {
        let node = nodes[node]
        precondition(node.kind == .string)
        let text = body.extracting(node.content)
        if node.flags.contains(.escapedValue) { JSONEscapes.append(text, to: &out) } else { out.append(text) }
    }

    /// Appends the key of the member `node`, escapes read, as UTF-8; nothing when it has none.
    public func appendKey(_ node: Int, in body: Span<UInt8>, to out: inout GrowableBytes) {
        let node = nodes[node]
        let text = body.extracting(node.keyContent)
        if node.flags.contains(.escapedKey) { JSONEscapes.append(text, to: &out) } else { out.append(text) }
    }

    /// Whether the member `child` has exactly the key `name`, escapes read.
    /// - Complexity: O(its key).
    public func hasKey(_ child: Int, _ name: Span<UInt8>, in body: Span<UInt8>) -> Bool { keyEquals(name, child, body) }

    /// Whether a laxer parser may take the key of the member `child` for `name`, or it is just that.
    /// - Complexity: O(its key).
    public func isAlike(_ child: Int, _ name: Span<UInt8>, in body: Span<UInt8>) -> Bool {
        keyEquals(name, child, body) || keyFolds(to: name, child, body)
    }

    @inline(__always)
    private func keyEquals(_ name: Span<UInt8>, _ child: Int, _ body: Span<UInt8>) -> Bool {
        let range = nodes[child].keyContent
        if nodes[child].flags.contains(.escapedKey) {
            return JSONEscapes.equals(body.extracting(range), name)
        }
        return range.count == name.count && ASCIIText.equal(body.extracting(range), name)
    }

    private func keyFolds(to name: Span<UInt8>, _ child: Int, _ body: Span<UInt8>) -> Bool {
        let flags = nodes[child].flags
        if flags.contains(.escapedKey) || flags.contains(.nonASCIIKey) {
            return keys.storedKey(of: child, equals: name)
        }
        return ASCIIText.caselessEqual(
            body.extracting(ASCIIText.trimmingBlanks(body, nodes[child].keyContent)),
            name.extracting(ASCIIText.trimmingBlanks(name, name.indices)))
    }
}
