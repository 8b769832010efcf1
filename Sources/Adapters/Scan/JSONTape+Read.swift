import Bytes

/// The scan itself: one pass, no recursion, every read in bounds.
extension JSONTape {
    mutating func read(_ body: Span<UInt8>) throws(BodyFault) {
        guard body.count <= Int(Int32.max) else { throw BodyFault(.bodyTooLong, at: Int(Int32.max)) }
        if body.count >= 3 && body[0] == 0xef && body[1] == 0xbb && body[2] == 0xbf { throw BodyFault(.byteOrderMark, at: 0) }
        var i = JSONBytes.skipBlanks(body, 0)
        guard i < body.count else { throw BodyFault(.emptyBody, at: i) }
        top = Frame()
        keyFlags = []
        while true {
            i = try readValue(body, i)
            // Behind a value, or just inside a container that has opened.
            while true {
                i = JSONBytes.skipBlanks(body, i)
                if frames.isEmpty {
                    guard i == body.count else { throw BodyFault(.trailingBytes, at: i) }
                    return
                }
                guard i < body.count else { throw BodyFault(.truncated, at: i) }
                let byte = body[i]
                if byte == (top.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    i += 1
                    nodes[Int(top.node)].close(at: i, next: nodes.count, count: top.count)
                    if top.isObject { keys.close(top.keyBase) }
                    top = frames.removeLast()
                    continue
                }
                if top.count > 0 {
                    guard byte == UInt8(ascii: ",") else { throw BodyFault(.unexpectedByte, at: i) }
                    i = JSONBytes.skipBlanks(body, i + 1)
                    guard i < body.count else { throw BodyFault(.truncated, at: i) }
                }
                top.count += 1
                if top.isObject { i = try readKey(body, i) } else { keyFlags = [] }
                break
            }
        }
    }

    /// Reads the value at `i` up to its end, or up to behind the opening bracket of an object or array.
    @inline(__always)
    private mutating func readValue(_ body: Span<UInt8>, _ i: Int) throws(BodyFault) -> Int {
        guard nodes.count <= limits.elements else { throw BodyFault(.tooManyElements, at: i) }
        var flags = keyFlags
        switch body[i] {
        case UInt8(ascii: "\""):
            let string = try readString(body, i, limits.stringBytes, .stringTooLong)
            if string.isEscaped { flags.insert(.escapedValue) }
            if string.isNonASCII { flags.insert(.nonASCIIValue) }
            addNode(.string, flags, i, string.end)
            return string.end
        case UInt8(ascii: "{"):
            try open(.object, i)
            return i + 1
        case UInt8(ascii: "["):
            try open(.array, i)
            return i + 1
        case UInt8(ascii: "t"):
            try readWord("true", body, i)
            addNode(.true, flags, i, i + 4)
            return i + 4
        case UInt8(ascii: "f"):
            try readWord("false", body, i)
            addNode(.false, flags, i, i + 5)
            return i + 5
        case UInt8(ascii: "n"):
            try readWord("null", body, i)
            addNode(.null, flags, i, i + 4)
            return i + 4
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try JSONNumber.read(body, i, limits.numberBytes)
            if number.isPlainInteger { flags.insert(.plainInteger) }
            addNode(.number, flags, i, number.end)
            return number.end
        default:
            throw BodyFault(.unexpectedByte, at: i)
        }
    }

    private mutating func open(_ kind: JSONNode.Kind, _ i: Int) throws(BodyFault) {
        guard frames.count < Int(limits.depth) else { throw BodyFault(.tooDeep, at: i) }
        let node = UInt32(truncatingIfNeeded: nodes.count)
        addNode(kind, keyFlags, i, i + 1)
        frames.append(top)
        top = Frame(node: node, isObject: kind == .object)
        if top.isObject { (top.keyBase, top.epoch) = keys.open() }
    }

    /// Offsets fit 32 bits: ``read(_:)`` has refused longer bodies.
    @inline(__always)
    private mutating func addNode(_ kind: JSONNode.Kind, _ flags: JSONNode.Flags, _ start: Int, _ end: Int) {
        let range = ByteRange(lower: UInt32(truncatingIfNeeded: start), upper: UInt32(truncatingIfNeeded: end))
        nodes.append(
            JSONNode(
                kind: kind, flags: flags, depth: UInt8(truncatingIfNeeded: frames.count), value: range,
                key: flags.contains(.member) ? keyRange : ByteRange(lower: 0, upper: 0),
                end: UInt32(truncatingIfNeeded: nodes.count &+ 1), parent: top.node, count: 0))
    }

    /// Reads a key, its colon and the blanks around, up to its value.
    @inline(__always)
    private mutating func readKey(_ body: Span<UInt8>, _ start: Int) throws(BodyFault) -> Int {
        guard body[start] == UInt8(ascii: "\"") else { throw BodyFault(.unexpectedByte, at: start) }
        let string = try readString(body, start, limits.keyBytes, .keyTooLong)
        keyRange = ByteRange(lower: UInt32(truncatingIfNeeded: start), upper: UInt32(truncatingIfNeeded: string.end))
        keyFlags = .member
        let earlier: Int?
        if string.isEscaped || string.isNonASCII {
            earlier = try addFoldedKey(body, start + 1..<string.end - 1, isEscaped: string.isEscaped)
        } else {
            if let control = JSONBytes.firstDelete(body, start + 1, string.end - 1) {
                throw BodyFault(.controlInKey, at: control)
            }
            earlier = keys.addPlain(start + 1, string.end - 1, base: top.keyBase, epoch: top.epoch, in: body)
        }
        if let earlier { throw BodyFault(.duplicateKey, at: start, earlier: earlier) }
        var i = JSONBytes.skipBlanks(body, string.end)
        guard i < body.count else { throw BodyFault(.truncated, at: i) }
        guard body[i] == UInt8(ascii: ":") else { throw BodyFault(.unexpectedByte, at: i) }
        i = JSONBytes.skipBlanks(body, i + 1)
        guard i < body.count else { throw BodyFault(.truncated, at: i) }
        return i
    }

    /// Notes a key that has escapes or characters outside of ASCII.
    /// - Returns: the offset of the earlier key that it repeats.
    @inline(never)
    private mutating func addFoldedKey(
        _ body: Span<UInt8>, _ content: Range<Int>, isEscaped: Bool
    ) throws(BodyFault) -> Int? {
        if isEscaped { keyFlags.insert(.escapedKey) }
        guard keys.storedCost + content.count <= limits.foldedKeyBytes else {
            throw BodyFault(.tooManyFoldedKeys, at: content.lowerBound - 1)
        }
        if try checkKey(body, content) { keyFlags.insert(.nonASCIIKey) }
        return keys.addFolded(content, node: nodes.count, base: top.keyBase, epoch: top.epoch, in: body)
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

    private func readWord(_ word: String, _ body: Span<UInt8>, _ start: Int) throws(BodyFault) {
        var i = start
        for letter in word.utf8 {
            guard i < body.count else { throw BodyFault(.truncated, at: i) }
            guard body[i] == letter else { throw BodyFault(.unexpectedByte, at: i) }
            i += 1
        }
    }

    /// Reads the string whose opening quote stands at `start` up to behind its closing quote.
    @inline(__always)
    private func readString(
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
    private func readEscape(_ body: Span<UInt8>, _ i: Int) throws(BodyFault) -> Int {
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
