import Bytes

/// The scan itself: one pass, no recursion, every read in bounds.
extension JSONTape {
    /// All of it stands in one function, so that where it is and what is open stay in registers.
    mutating func read(_ body: Span<UInt8>, _ limits: JSONLimits) throws(BodyFault) {
        guard body.count <= Int(Int32.max) else { throw BodyFault(.bodyTooLong, at: Int(Int32.max)) }
        if body.count >= 3 && body[0] == 0xef && body[1] == 0xbb && body[2] == 0xbf { throw BodyFault(.byteOrderMark, at: 0) }
        var i = JSONBytes.skipBlanks(body, 0)
        guard i < body.count else { throw BodyFault(.emptyBody, at: i) }
        var top = OpenContainer()
        // The key of the member whose value comes next.
        var key = ByteRange(lower: 0, upper: 0)
        var flags: JSONNode.Flags = []
        while true {
            // A value begins here.
            let node = nodes.count
            guard node <= limits.elements else { throw BodyFault(.tooManyElements, at: i) }
            let start = i
            let byte = body[i]
            if byte == UInt8(ascii: "\"") {
                let string = try Self.readString(body, i, limits.stringBytes, .stringTooLong)
                if string.isEscaped { flags.insert(.escapedValue) }
                if string.isNonASCII { flags.insert(.nonASCIIValue) }
                i = string.end
                addNode(.string, flags, top, start, i, key)
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                guard top.depth < Int(limits.depth) else { throw BodyFault(.tooDeep, at: i) }
                i &+= 1
                addNode(byte == UInt8(ascii: "{") ? .object : .array, flags, top, start, i, key)
                open(node, &top)
            } else {
                i = try readScalar(body, i, byte, &flags, limits, top, key)
            }
            // Behind a value, or just inside a container that has opened.
            while true {
                i = JSONBytes.skipBlanks(body, i)
                if top.depth == 0 {
                    guard i == body.count else { throw BodyFault(.trailingBytes, at: i) }
                    return
                }
                guard i < body.count else { throw BodyFault(.truncated, at: i) }
                let byte = body[i]
                if byte == (top.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    i &+= 1
                    close(&top, at: i)
                    continue
                }
                if top.count > 0 {
                    guard byte == UInt8(ascii: ",") else { throw BodyFault(.unexpectedByte, at: i) }
                    i = JSONBytes.skipBlanks(body, i &+ 1)
                    guard i < body.count else { throw BodyFault(.truncated, at: i) }
                }
                top.count &+= 1
                if top.isObject { i = try readKey(body, i, top, &key, &flags, limits) } else { flags = [] }
                break
            }
        }
    }

    /// The innermost container that is open; with a depth of 0 there is none.
    private struct OpenContainer {
        var node = 0
        var depth = 0
        var isObject = false
        /// Its members or items so far.
        var count: UInt32 = 0
        /// What ``FoldedKeySet/open()`` returned for it.
        var keyBase = 0
        var epoch: UInt32 = 0
    }

    /// Makes the node that was added last the innermost open container. What is known of the one around it waits in that one's node,
    /// in fields that mean nothing before it is closed.
    @inline(__always)
    private mutating func open(_ node: Int, _ top: inout OpenContainer) {
        if top.depth > 0 {
            nodes[top.node].count = top.count
            nodes[top.node].end = UInt32(truncatingIfNeeded: top.keyBase)
            nodes[top.node].value.upper = top.epoch
        }
        top.node = node
        top.depth &+= 1
        top.isObject = nodes[node].kind == .object
        top.count = 0
        if top.isObject { (top.keyBase, top.epoch) = keys.open() }
    }

    @inline(__always)
    private mutating func close(_ top: inout OpenContainer, at end: Int) {
        if top.isObject { keys.close(top.keyBase) }
        nodes[top.node].close(at: end, next: nodes.count, count: top.count)
        let around = Int(nodes[top.node].parent)
        top.depth &-= 1
        if top.depth == 0 { return }
        let node = nodes[around]
        top.node = around
        top.isObject = node.kind == .object
        top.count = node.count
        top.keyBase = Int(node.end)
        top.epoch = node.value.upper
    }

    /// Offsets fit 32 bits: ``read(_:_:)`` has refused longer bodies.
    @inline(__always)
    private mutating func addNode(
        _ kind: JSONNode.Kind, _ flags: JSONNode.Flags, _ top: OpenContainer, _ start: Int, _ end: Int, _ key: ByteRange
    ) {
        nodes.append(
            JSONNode(
                kind: kind, flags: flags, depth: UInt8(truncatingIfNeeded: top.depth),
                value: ByteRange(lower: UInt32(truncatingIfNeeded: start), upper: UInt32(truncatingIfNeeded: end)),
                key: flags.contains(.member) ? key : ByteRange(lower: 0, upper: 0),
                end: UInt32(truncatingIfNeeded: nodes.count &+ 1), parent: UInt32(truncatingIfNeeded: top.node), count: 0))
    }

    /// Reads a value that is neither a string nor a container.
    @inline(never)
    private mutating func readScalar(
        _ body: Span<UInt8>, _ i: Int, _ byte: UInt8, _ flags: inout JSONNode.Flags, _ limits: JSONLimits, _ top: OpenContainer, _ key: ByteRange
    ) throws(BodyFault) -> Int {
        var kind = JSONNode.Kind.null
        var end = i &+ 4
        switch byte {
        case UInt8(ascii: "t"):
            try Self.readWord("true", body, i)
            kind = .true
        case UInt8(ascii: "f"):
            try Self.readWord("false", body, i)
            kind = .false
            end = i &+ 5
        case UInt8(ascii: "n"): try Self.readWord("null", body, i)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try JSONNumber.read(body, i, limits.numberBytes)
            if number.isPlainInteger { flags.insert(.plainInteger) }
            kind = .number
            end = number.end
        default: throw BodyFault(.unexpectedByte, at: i)
        }
        addNode(kind, flags, top, i, end, key)
        return end
    }

    /// Reads a key, its colon and the blanks around, up to its value.
    @inline(__always)
    private mutating func readKey(
        _ body: Span<UInt8>, _ start: Int, _ top: OpenContainer, _ key: inout ByteRange, _ flags: inout JSONNode.Flags, _ limits: JSONLimits
    ) throws(BodyFault) -> Int {
        guard body[start] == UInt8(ascii: "\"") else { throw BodyFault(.unexpectedByte, at: start) }
        flags = .member
        let content = start &+ 1
        var i: Int
        // Most keys are short and plain.
        let short = JSONBytes.shortKey(body, content)
        if let short, short.count <= limits.keyBytes {
            i = content &+ short.count &+ 1
            if let earlier = keys.addPlain(content, short.count, fingerprint: short.fingerprint, top.keyBase, top.epoch, in: body) {
                throw BodyFault(.duplicateKey, at: start, earlier: earlier)
            }
        } else {
            i = try readLongKey(body, start, top, &flags, limits)
        }
        key = ByteRange(lower: UInt32(truncatingIfNeeded: start), upper: UInt32(truncatingIfNeeded: i))
        i = JSONBytes.skipBlanks(body, i)
        guard i < body.count else { throw BodyFault(.truncated, at: i) }
        guard body[i] == UInt8(ascii: ":") else { throw BodyFault(.unexpectedByte, at: i) }
        i = JSONBytes.skipBlanks(body, i &+ 1)
        guard i < body.count else { throw BodyFault(.truncated, at: i) }
        return i
    }

    /// Reads any key, up to behind its closing quote.
    @inline(never)
    private mutating func readLongKey(
        _ body: Span<UInt8>, _ start: Int, _ top: OpenContainer, _ flags: inout JSONNode.Flags, _ limits: JSONLimits
    ) throws(BodyFault) -> Int {
        let string = try Self.readString(body, start, limits.keyBytes, .keyTooLong)
        let content = start &+ 1..<string.end &- 1
        let earlier: Int?
        if string.isEscaped || string.isNonASCII {
            earlier = try addFoldedKey(body, content, top, &flags, limits, isEscaped: string.isEscaped)
        } else {
            if let control = JSONBytes.firstDelete(body, content.lowerBound, content.upperBound) { throw BodyFault(.controlInKey, at: control) }
            earlier = keys.addPlain(content, top.keyBase, top.epoch, in: body)
        }
        if let earlier { throw BodyFault(.duplicateKey, at: start, earlier: earlier) }
        return string.end
    }

    /// Notes a key that has escapes or characters outside of ASCII.
    /// - Returns: the offset of the earlier key that it repeats.
    @inline(never)
    private mutating func addFoldedKey(
        _ body: Span<UInt8>, _ content: Range<Int>, _ top: OpenContainer, _ flags: inout JSONNode.Flags, _ limits: JSONLimits, isEscaped: Bool
    ) throws(BodyFault) -> Int? {
        if isEscaped { flags.insert(.escapedKey) }
        guard keys.storedCost + content.count <= limits.foldedKeyBytes else {
            throw BodyFault(.tooManyFoldedKeys, at: content.lowerBound - 1)
        }
        if try checkKey(body, content) { flags.insert(.nonASCIIKey) }
        return keys.addFolded(content, node: nodes.count, top.keyBase, top.epoch, in: body)
    }

    /// Refuses control characters in a key, raw (0x7f and U+0080 to U+009F; the others no string may hold) or escaped.
    /// - Returns: whether the key holds a character outside of ASCII.
    private func checkKey(_ body: Span<UInt8>, _ content: Range<Int>) throws(BodyFault) -> Bool {
        var isNonASCII = false
        var i = content.lowerBound
        while i < content.upperBound {
            var scalar: UInt32
            var next: Int
            if body[i] != UInt8(ascii: "\\") {
                let sequence = UTF8Sequence.decode(body, at: i)
                (scalar, next) = (sequence.scalar, i + sequence.length)
            } else if let unit = JSONEscapes.codeUnit(body, at: i) {
                let isPair = unit & 0xf800 == 0xd800
                (scalar, next) = (unit, i + (isPair ? 12 : 6))
            } else {
                scalar = UInt32(JSONEscapes.simple(body[i + 1]) ?? 0)
                next = i + 2
            }
            if UTF8Sequence.isControl(scalar) { throw BodyFault(.controlInKey, at: i) }
            if scalar > 0x7f { isNonASCII = true }
            i = next
        }
        return isNonASCII
    }

    private static func readWord(_ word: String, _ body: Span<UInt8>, _ start: Int) throws(BodyFault) {
        var i = start
        for letter in word.utf8 {
            guard i < body.count else { throw BodyFault(.truncated, at: i) }
            guard body[i] == letter else { throw BodyFault(.unexpectedByte, at: i) }
            i += 1
        }
    }

    /// Reads the string whose opening quote stands at `start` up to behind its closing quote.
    @inline(__always)
    private static func readString(
        _ body: Span<UInt8>, _ start: Int, _ limit: Int, _ tooLong: BodyFault.Cause
    ) throws(BodyFault) -> (end: Int, isEscaped: Bool, isNonASCII: Bool) {
        var isEscaped = false
        var isNonASCII = false
        var i = start + 1
        while true {
            i = JSONBytes.skipPlain(body, i)
            guard i - start - 1 <= limit else { throw BodyFault(tooLong, at: start) }
            guard i < body.count else { throw BodyFault(.truncated, at: i) }
            let byte = body[i]
            if byte == UInt8(ascii: "\"") { return (i + 1, isEscaped, isNonASCII) }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                i = try readEscape(body, i)
            } else if byte < 0x20 {
                throw BodyFault(.controlInString, at: i)
            } else {
                isNonASCII = true
                repeat {
                    let length = UTF8Sequence.decode(body, at: i).length
                    guard length > 0 else { throw BodyFault(.invalidUTF8, at: i) }
                    i += length
                } while i < body.count && body[i] > 0x7f
            }
        }
    }

    /// Checks the escape whose backslash stands at `i`, both halves of a surrogate pair at once, and passes it.
    private static func readEscape(_ body: Span<UInt8>, _ i: Int) throws(BodyFault) -> Int {
        guard i + 1 < body.count else { throw BodyFault(.truncated, at: i + 1) }
        if JSONEscapes.simple(body[i + 1]) != nil { return i + 2 }
        guard body[i + 1] == UInt8(ascii: "u") else { throw BodyFault(.badEscape, at: i) }
        guard let unit = JSONEscapes.codeUnit(body, at: i) else { throw BodyFault(.badEscape, at: i) }
        if unit & 0xf800 != 0xd800 { return i + 6 }
        guard unit & 0xfc00 == 0xd800, let low = JSONEscapes.codeUnit(body, at: i + 6), low & 0xfc00 == 0xdc00 else {
            throw BodyFault(.loneSurrogate, at: i)
        }
        return i + 12
    }
}
