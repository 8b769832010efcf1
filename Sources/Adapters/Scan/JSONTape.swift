import Bytes

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
    public internal(set) var nodes: [JSONNode] = []
    var keys = FoldedKeySet()

    // The scan's own state. It lives here rather than in arguments: passing it from call to call costs more than the work.
    var limits = JSONLimits.standard
    /// The innermost open container; while there is none, its fields say nothing.
    var top = Frame()
    /// The containers around `top`, outermost first; the very first stands for none at all.
    var frames: [Frame] = []
    /// The key of the member whose value comes next.
    var keyRange = ByteRange(lower: 0, upper: 0)
    var keyFlags: JSONNode.Flags = []

    /// An object or array that is still open while scanning.
    struct Frame {
        var node: UInt32 = 0
        var isObject = false
        var count: UInt32 = 0
        var keyBase = 0
        var epoch: UInt32 = 0
    }

    public init() {
        nodes.reserveCapacity(256)
        frames.reserveCapacity(64)
    }

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
        nodes.removeAll(keepingCapacity: true)
        frames.removeAll(keepingCapacity: true)
        keys.reset()
        self.limits = limits
        var isWhole = false
        defer { if !isWhole { nodes.removeAll(keepingCapacity: true) } }
        try read(body)
        isWhole = true
    }
}
