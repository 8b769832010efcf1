import Bytes

/// How a text stands in a body.
public enum TextCoding: Sendable {
    /// As it is: the content of a multipart part, a header.
    case plain
    /// With percent escapes and `+` for a blank.
    case form
    /// With the escapes of a JSON string, without its quotes.
    case json
    /// With percent escapes alone: a segment of a path.
    case path
}

/// Finds the raw bytes behind offsets into a decoded text. Offsets are to be asked for in ascending order.
///
/// ```swift
/// var escaped = EscapedText(field.value.range, .form)
/// let lower = escaped.offset(of: 4, in: body)          // of "a%2Cb%2Cc": 7
/// ```
public struct EscapedText {
    private let coding: TextCoding
    private let end: Int
    /// The raw offset, and the decoded one that it stands for.
    private var raw: Int
    private var decoded = 0

    /// - Parameter range: where the raw text stands, in bytes that were scanned.
    public init(_ range: Range<Int>, _ coding: TextCoding) {
        self.coding = coding
        raw = range.lowerBound
        end = range.upperBound
    }

    /// The raw offset of the decoded one. Inside of what one escape stands for, that of the escape's end.
    /// - Complexity: O(the raw bytes between this and the offset asked for before).
    public mutating func offset(of wanted: Int, in bytes: Span<UInt8>) -> Int {
        precondition(wanted >= decoded, "offsets must ascend")
        while decoded < wanted, raw < end {
            switch (coding, bytes[raw]) {
            case (.form, UInt8(ascii: "%")), (.path, UInt8(ascii: "%")):
                raw = min(raw + 3, end)
                decoded += 1
            case (.json, UInt8(ascii: "\\")):
                let step = JSONEscapes.read(bytes.extracting(raw..<end), at: 0)
                raw += step.next
                decoded += step.count
            default:
                raw += 1
                decoded += 1
            }
        }
        return raw
    }
}
