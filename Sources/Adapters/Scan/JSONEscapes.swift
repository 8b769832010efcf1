import Bytes

/// Reads the escapes of JSON strings that a scan has accepted.
enum JSONEscapes {
    /// The bytes that one step of unescaping yields, the first in the lowest bits, and how far it went.
    struct Step {
        var bytes: UInt32
        var count: Int
        var next: Int
    }

    /// Reads the escape whose backslash stands at `offset`.
    /// - Precondition: the text was scanned. Text that was not reads as replacement characters, never out of bounds.
    static func read(_ text: Span<UInt8>, at offset: Int) -> Step {
        guard offset + 1 < text.count else { return encode(0xfffd, next: text.count) }
        let letter = text[offset + 1]
        guard letter == UInt8(ascii: "u") else {
            return Step(bytes: UInt32(simple(letter) ?? letter), count: 1, next: offset + 2)
        }
        guard let unit = codeUnit(text, at: offset) else { return encode(0xfffd, next: offset + 2) }
        if unit & 0xfc00 == 0xd800, let low = codeUnit(text, at: offset + 6), low & 0xfc00 == 0xdc00 {
            return encode(0x10000 + (unit & 0x3ff) << 10 + low & 0x3ff, next: offset + 12)
        }
        return encode(unit & 0xf800 == 0xd800 ? 0xfffd : unit, next: offset + 6)
    }

    /// The code unit of the `\uXXXX` whose backslash stands at `offset`, `nil` when there is none.
    static func codeUnit(_ text: Span<UInt8>, at offset: Int) -> UInt32? {
        guard offset + 6 <= text.count, text[offset] == UInt8(ascii: "\\"), text[offset + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt32 = 0
        for i in 2..<6 {
            guard let digit = text[offset + i].hexDigitValue else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// What a two-character escape stands for, `nil` when JSON has none with this letter.
    @inline(__always)
    static func simple(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    static func encode(_ scalar: UInt32, next: Int) -> Step {
        if scalar < 0x80 { return Step(bytes: scalar, count: 1, next: next) }
        let last = 0x80 | scalar & 0x3f
        if scalar < 0x800 { return Step(bytes: 0xc0 | scalar >> 6 | last << 8, count: 2, next: next) }
        let third = 0x80 | scalar >> 6 & 0x3f
        if scalar < 0x10000 { return Step(bytes: 0xe0 | scalar >> 12 | third << 8 | last << 16, count: 3, next: next) }
        let second = 0x80 | scalar >> 12 & 0x3f
        return Step(bytes: 0xf0 | scalar >> 18 | second << 8 | third << 16 | last << 24, count: 4, next: next)
    }

    /// Appends `text` with its escapes read.
    static func append(_ text: Span<UInt8>, to out: inout GrowableBytes) {
        out.reserve(text.count)
        var i = 0
        while i < text.count {
            var run = i
            while run < text.count && text[run] != UInt8(ascii: "\\") { run += 1 }
            if run > i { out.append(text.extracting(i..<run)) }
            guard run < text.count else { return }
            var step = read(text, at: run)
            i = step.next
            while step.count > 0 {
                out.append(UInt8(truncatingIfNeeded: step.bytes))
                step.bytes >>= 8
                step.count -= 1
            }
        }
    }

    /// The same into an array.
    static func append(_ text: Span<UInt8>, to out: inout [UInt8]) {
        var i = 0
        while i < text.count {
            guard text[i] == UInt8(ascii: "\\") else {
                out.append(text[i])
                i += 1
                continue
            }
            var step = read(text, at: i)
            i = step.next
            while step.count > 0 {
                out.append(UInt8(truncatingIfNeeded: step.bytes))
                step.bytes >>= 8
                step.count -= 1
            }
        }
    }

    /// Whether `text`, its escapes read, is `wanted`.
    static func equals(_ text: Span<UInt8>, _ wanted: Span<UInt8>) -> Bool {
        var i = 0
        var at = 0
        while i < text.count {
            var step = Step(bytes: UInt32(text[i]), count: 1, next: i + 1)
            if text[i] == UInt8(ascii: "\\") { step = read(text, at: i) }
            i = step.next
            while step.count > 0 {
                guard at < wanted.count, wanted[at] == UInt8(truncatingIfNeeded: step.bytes) else { return false }
                at += 1
                step.bytes >>= 8
                step.count -= 1
            }
        }
        return at == wanted.count
    }
}
