public import Bytes

/// Text from outside made harmless inside an error body.
public enum ErrorText {
    /// Appends `text` as it may stand between quotes in JSON, or in an element or attribute in XML.
    /// - Parameter text: UTF-8.
    public static func append(_ text: Span<UInt8>, escaped escape: ErrorSpec.Escape, into out: inout GrowableBytes) {
        switch escape {
        case .json: appendJSON(text, into: &out)
        case .xml: appendXML(text, into: &out)
        }
    }

    /// Only printable ASCII that no quoting rule of JSON or XML knows goes out as it is; all else becomes `?`. At most 400
    /// bytes.
    static func appendHarmless(_ text: Span<UInt8>, into out: inout GrowableBytes) {
        for index in 0..<min(text.count, 400) {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
                out.append(UInt8(ascii: "?"))
            case 0x20...0x7e: out.append(byte)
            default: out.append(UInt8(ascii: "?"))
            }
        }
    }

    /// A random UUID, version 4.
    static func appendUUID(into out: inout GrowableBytes) {
        let high = UInt64.random(in: .min ... .max) & ~0xf000 | 0x4000
        let low = UInt64.random(in: .min ... .max) & ~(3 << 62) | 1 << 63
        appendHex(high, into: &out, dashesAfter: [8, 12])
        out.append(UInt8(ascii: "-"))
        appendHex(low, into: &out, dashesAfter: [4])
    }

    private static func appendHex(_ word: UInt64, into out: inout GrowableBytes, dashesAfter dashes: [Int]) {
        for digit in 0..<16 {
            if dashes.contains(digit) { out.append(UInt8(ascii: "-")) }
            out.append(hexDigit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * digit)) & 15))
        }
    }

    private static func appendJSON(_ text: Span<UInt8>, into out: inout GrowableBytes) {
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0..<0x20, 0x7f:
                out.append("\\u00")
                out.append(hexDigit(byte >> 4))
                out.append(hexDigit(byte & 15))
            default: out.append(byte)
            }
        }
    }

    private static func appendXML(_ text: Span<UInt8>, into out: inout GrowableBytes) {
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "&"): out.append("&amp;")
            case UInt8(ascii: "<"): out.append("&lt;")
            case UInt8(ascii: ">"): out.append("&gt;")
            case UInt8(ascii: "\""): out.append("&quot;")
            case UInt8(ascii: "'"): out.append("&#39;")
            case 0..<0x20, 0x7f: out.append(UInt8(ascii: "?"))
            default: out.append(byte)
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
}
