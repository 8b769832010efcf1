import Bytes

/// Walks a JSON string and its unescaped text side by side: where does the text's n-th byte stand in the body?
public struct JSONTextCursor {
    /// An offset into the body.
    private var raw: Int
    /// How many bytes of text stand before it.
    private var decoded = 0

    /// - Parameter raw: where the string's content begins in the body.
    public init(at raw: Int) { self.raw = raw }

    /// - Parameters:
    ///   - target: an offset into the unescaped text at which a character begins, or its end; never less than the last.
    ///   - body: the bytes in which the scan accepted the string.
    /// - Returns: the offset in `body` where that character, or the escape that stands for it, begins.
    /// - Complexity: linear in the way from the last target.
    public mutating func advance(to target: Int, in body: Span<UInt8>) -> Int {
        while decoded < target {
            if body[raw] == UInt8(ascii: "\\") {
                let step = JSONEscapes.read(body, at: raw)
                raw = step.next
                decoded += step.count
            } else {
                raw += 1
                decoded += 1
            }
        }
        return raw
    }
}
