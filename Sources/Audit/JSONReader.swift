/// Reads the JSON that the log is written in: ASCII, no white space, whole numbers only. Anything else is refused, whatever
/// RFC 8259 allows. Depth is bounded, and so is time: one pass.
@safe struct JSONReader {
    private static let depthLimit = 8
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Whether `bytes` are one object and nothing else.
    static func isObject(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var reader = JSONReader(bytes)
        return reader.peek == UInt8(ascii: "{") && reader.value(depth: 0, wantsValue: false) != nil
            && reader.index == bytes.count
    }

    /// The object that `bytes` are, or `nil`.
    static func object(_ bytes: UnsafeRawBufferPointer) -> JSONValue? {
        var reader = JSONReader(bytes)
        guard reader.peek == UInt8(ascii: "{"), let value = reader.value(depth: 0, wantsValue: true),
            reader.index == bytes.count
        else { return nil }
        return value
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    /// - Parameter wantsValue: `false` to check only; the result then stands for success and holds nothing.
    private mutating func value(depth: Int, wantsValue: Bool) -> JSONValue? {
        guard depth < Self.depthLimit else { return nil }
        switch peek {
        case UInt8(ascii: "{"): return members(depth, wantsValue)
        case UInt8(ascii: "["): return elements(depth, wantsValue)
        case UInt8(ascii: "\""): return string(wantsValue).map(JSONValue.text)
        case UInt8(ascii: "t"): return literal("true") ? .flag(true) : nil
        case UInt8(ascii: "f"): return literal("false") ? .flag(false) : nil
        default: return number()
        }
    }

    private mutating func members(_ depth: Int, _ wantsValue: Bool) -> JSONValue? {
        guard take("{") else { return nil }
        var members: [(String, JSONValue)] = []
        if take("}") { return .object(members) }
        repeat {
            guard let name = string(wantsValue), take(":"), let value = value(depth: depth + 1, wantsValue: wantsValue)
            else { return nil }
            if wantsValue { members.append((name, value)) }
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func elements(_ depth: Int, _ wantsValue: Bool) -> JSONValue? {
        guard take("[") else { return nil }
        var elements: [JSONValue] = []
        if take("]") { return .array(elements) }
        repeat {
            guard let value = value(depth: depth + 1, wantsValue: wantsValue) else { return nil }
            if wantsValue { elements.append(value) }
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func literal(_ text: StaticString) -> Bool {
        var cursor = LineCursor(UnsafeRawBufferPointer(rebasing: bytes[index...]))
        guard cursor.skip(text) else { return false }
        index += text.utf8CodeUnitCount
        return true
    }

    private mutating func number() -> JSONValue? {
        let isNegative = take("-")
        var cursor = LineCursor(UnsafeRawBufferPointer(rebasing: bytes[index...]))
        guard let magnitude = cursor.number() else { return nil }
        index += cursor.index
        return .number(magnitude, isNegative: isNegative)
    }

    private mutating func string(_ wantsValue: Bool) -> String? {
        guard take("\"") else { return nil }
        var units: [UInt16] = []
        let start = index
        var isPlain = true
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard wantsValue else { return "" }
                guard !isPlain else { return String(decoding: bytes[start..<index - 1], as: UTF8.self) }
                return String(decoding: units, as: UTF16.self)
            case UInt8(ascii: "\\"):
                if isPlain, wantsValue { units = bytes[start..<index - 1].map(UInt16.init) }
                isPlain = false
                guard let unit = escape() else { return nil }
                if wantsValue { units.append(unit) }
            case 0x20...0x7e: if !isPlain, wantsValue { units.append(UInt16(byte)) }
            default: return nil
            }
        }
        return nil
    }

    /// What follows a backslash: a quote, a backslash, or `u` and four digits.
    private mutating func escape() -> UInt16? {
        if take("\"") { return 0x22 }
        if take("\\") { return 0x5c }
        guard take("u") else { return nil }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Hex.value(byte) else { return nil }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }
}
