public import Bytes

/// A JSON body as a flat list of nodes in reading order, each node before its members or items.
///
/// One tape serves many bodies: it keeps its storage, so a warm tape allocates nothing (keys outside of ASCII excepted).
/// It holds offsets alone; the caller keeps the bytes and passes the same ones to the methods that read them.
///
/// ```swift
/// try tape.scan(body, limits: .standard)
/// if case .found(let to) = tape.look(up: "to", of: 0, in: body) { ... tape[to].content ... }
/// ```
public struct JSONTape: ~Copyable {
    /// The nodes; empty until a scan has succeeded. Node 0 is the whole body.
    @usableFromInline var nodes: UniqueArray<JSONNode> = UniqueArray(capacity: 256)
    var keys = FoldedKeySet()

    public init() {}

    @inlinable public var count: Int { nodes.count }

    @inlinable @inline(__always)
    public subscript(index: Int) -> JSONNode { nodes[index] }

    /// Reads `body` as exactly one JSON value and replaces the tape's nodes.
    ///
    /// Strict RFC 8259 and stricter (hardening.md 2.5): UTF-8 without byte order mark, no repeated keys under folding, no
    /// control characters in keys, no unpaired surrogates, no number that 64 bits or a double cannot hold.
    /// - Throws: the first rule broken in reading order. The tape is then empty.
    /// - Complexity: O(body.count), whatever the bytes; memory bounded by the limits.
    public mutating func scan(_ body: Span<UInt8>, limits: JSONLimits = .standard) throws(BodyFault) {
        nodes.removeAll()
        keys.reset()
        var isWhole = false
        defer { if !isWhole { nodes.removeAll() } }
        try read(body, limits)
        isWhole = true
    }
}
