import Bytes

/// The scan itself: one pass, no recursion, every read in bounds.
extension JSONTape {
    mutating func read(_ body: Span<UInt8>, _ limits: JSONLimits) throws(BodyFault) {
        guard body.count <= Int(Int32.max) else { throw BodyFault(.bodyTooLong, at: Int(Int32.max)) }
        if body.count >= 3 && body[0] == 0xef && body[1] == 0xbb && body[2] == 0xbf { throw BodyFault(.byteOrderMark, at: 0) }
        var i = JSONBytes.skipBlanks(body, 0)
        guard i < body.count else { throw BodyFault(.emptyBody, at: i) }
        var key = Key()
        while true {
            i = try readValue(body, i, key, limits)
            // Behind a value, or just inside a container that has opened.
            while true {
                guard let frame = frames.last else {
                    i = JSONBytes.skipBlanks(body, i)
                    guard i == body.count else { throw BodyFault(.trailingBytes, at: i) }
                    return
                }
                let container = Int(frame.node)
                let isObject = nodes[container].kind == .object
                let isFirst = nodes[container].count == 0
                i = JSONBytes.skipBlanks(body, i)
                guard i < body.count else { throw BodyFault(.truncated, at: i) }
                let byte = body[i]
                if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    i += 1
                    close(frame, isObject: isObject, at: i)
                    continue
                }
                if !isFirst {
                    guard byte == UInt8(ascii: ",") else { throw BodyFault(.unexpectedByte, at: i) }
                    i = JSONBytes.skipBlanks(body, i + 1)
                    guard i < body.count else { throw BodyFault(.truncated, at: i) }
                }
                nodes[container].count += 1
                key = Key()
                if isObject { i = try readKey(body, i, frame, &key, limits) }
                break
            }
        }
    }

    /// A member's key, read before its value has a node.
    struct Key {
        var range = ByteRange(lower: 0, upper: 0)
        var flags: JSONNode.Flags = []
    }

    private mutating func close(_ frame: Frame, isObject: Bool, at end: Int) {
        nodes[Int(frame.node)].value.upper = UInt32(end)
        nodes[Int(frame.node)].end = UInt32(nodes.count)
        if isObject { keys.close(frame.keyBase) }
        frames.removeLast()
    }

    /// Reads the value at `i` up to its end, or up to behind the opening bracket of an object or array.
    @inline(__always)
    private mutating func readValue(
        _ body: Span<UInt8>, _ i: Int, _ key: Key, _ limits: JSONLimits
    ) throws(BodyFault) -> Int {
        guard nodes.count <= limits.elements else { throw BodyFault(.tooManyElements, at: i) }
        var flags = key.flags
        let kind: JSONNode.Kind
        var end = i + 1
        switch body[i] {
        case UInt8(ascii: "\""):
            kind = .string
            let string = try readString(body, i, limits.stringBytes, .stringTooLong)
            end = string.end
            if string.isEscaped { flags.insert(.escapedValue) }
            if string.isNonASCII { flags.insert(.nonASCIIValue) }
        case UInt8(ascii: "{"): kind = .object
        case UInt8(ascii: "["): kind = .array
        case UInt8(ascii: "t"):
            kind = .true
            end = try readWord("true", body, i)
        case UInt8(ascii: "f"):
            kind = .false
            end = try readWord("false", body, i)
        case UInt8(ascii: "n"):
            kind = .null
            end = try readWord("null", body, i)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            kind = .number
            let number = try JSONNumber.read(body, i, limits.numberBytes)
            end = number.end
            if number.isPlainInteger { flags.insert(.plainInteger) }
        default: throw BodyFault(.unexpectedByte, at: i)
        }
        let index = UInt32(nodes.count)
        let depth = UInt8(truncatingIfNeeded: frames.count)
        nodes.append(
            JSONNode(
                kind: kind, flags: flags, depth: depth, value: ByteRange(lower: UInt32(i), upper: UInt32(end)), key: key.range,
                end: index + 1, parent: frames.last?.node ?? 0, count: 0))
        if kind == .object || kind == .array {
            guard frames.count < Int(limits.depth) else { throw BodyFault(.tooDeep, at: i) }
            let (base, epoch) = kind == .object ? keys.open() : (0, 0)
            frames.append(Frame(node: index, keyBase: base, epoch: epoch))
        }
        return end
    }

    /// Reads a key, its colon and the blanks around, up to its value.
    @inline(__always)
    private mutating func readKey(
        _ body: Span<UInt8>, _ start: Int, _ frame: Frame, _ key: inout Key, _ limits: JSONLimits
    ) throws(BodyFault) -> Int {
        guard body[start] == UInt8(ascii: "\"") else { throw BodyFault(.unexpectedByte, at: start) }
        let string = try readString(body, start, limits.keyBytes, .keyTooLong)
        let content = start + 1..<string.end - 1
        let isPlain = !string.isEscaped && !string.isNonASCII
        key.range = ByteRange(start..<string.end)
        key.flags = .member
        if string.isEscaped { key.flags.insert(.escapedKey) }
        if !isPlain && keys.storedCost + content.count > limits.foldedKeyBytes { throw BodyFault(.tooManyFoldedKeys, at: start) }
        guard nodes.count <= limits.elements else { throw BodyFault(.tooManyElements, at: start) }
        if try checkKey(body, content, isPlain: isPlain) { key.flags.insert(.nonASCIIKey) }
        let earlier = keys.add(
            content, node: nodes.count, isPlain: isPlain, base: frame.keyBase, epoch: frame.epoch, in: body)
        if let earlier { throw BodyFault(.duplicateKey, at: start, earlier: earlier) }
        var i = JSONBytes.skipBlanks(body, string.end)
        guard i < body.count else { throw BodyFault(.truncated, at: i) }
        guard body[i] == UInt8(ascii: ":") else { throw BodyFault(.unexpectedByte, at: i) }
        i = JSONBytes.skipBlanks(body, i + 1)
        guard i < body.count else { throw BodyFault(.truncated, at: i) }
        return i
    }

    /// Refuses control characters in a key, raw (0x7f and U+0080 to U+009F; the others no string may hold) or escaped.
    /// - Returns: whether the key holds a character outside of ASCII.
    @inline(__always)
    private func checkKey(_ body: Span<UInt8>, _ content: Range<Int>, isPlain: Bool) throws(BodyFault) -> Bool {
        var i = content.lowerBound
        if isPlain {
            while i < content.upperBound {
                if body[i] == 0x7f { throw BodyFault(.controlInKey, at: i) }
                i += 1
            }
            return false
        }
        var isNonASCII = false
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

    @inline(__always)
    private func readWord(_ word: String, _ body: Span<UInt8>, _ start: Int) throws(BodyFault) -> Int {
        var i = start
        for letter in word.utf8 {
            guard i < body.count else { throw BodyFault(.truncated, at: i) }
            guard body[i] == letter else { throw BodyFault(.unexpectedByte, at: i) }
            i += 1
        }
        return i
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
