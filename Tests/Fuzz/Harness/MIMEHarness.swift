import Adapters
import Bytes

/// The head of a message: its fields lie one behind the other from the first byte to the blank line, and a second reader that
/// knows nothing but lines finds the same.
enum MIMEHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let text = Array(input)
        var message = MIMEMessage()
        do throws(BodyFault) { try message.scan(text.span) } catch {
            try require(error.offset <= text.count && message.count == 0, "a fault at \(error.offset) of \(text.count)")
            return
        }
        var end = 0
        var unfolded = GrowableBytes()
        for index in 0..<message.count {
            let field = message[index]
            try require(Int(field.line.lower) == end && field.value.upper <= field.line.upper, "a field at \(field.line)")
            try require(text[Int(field.name.upper)] == UInt8(ascii: ":") && field.value.lower == field.name.upper + 1, "a name at \(field.name)")
            unfolded.reset()
            message.appendUnfolded(index, in: text.span, to: &unfolded)
            try require(unfolded.count == field.value.count && !unfolded.bytes.contains { $0 == 0x0a || $0 == 0x0d }, "a fold is left")
            end = Int(field.line.upper)
        }
        let blank = text[end..<message.bodyStart]
        try require(blank.isEmpty || blank.elementsEqual([0x0d, 0x0a]) || blank.elementsEqual([0x0a]), "no blank line before the body")
        try require(names(text) == message.fields.map { String(decoding: text[$0.name.range], as: UTF8.self) }, "other headers by lines")
    }

    /// The headers' names by universal newlines, as Python has them.
    private static func names(_ text: [UInt8]) -> [String] {
        var names: [String] = []
        var line: [UInt8] = []
        var index = 0
        while index <= text.count {
            let byte = index < text.count ? text[index] : 0x0a
            if byte == 0x0a || byte == 0x0d {
                if line.isEmpty { return names }
                if line[0] != 0x20, line[0] != 0x09 { names.append(String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)) }
                line = []
                if byte == 0x0d, index + 1 < text.count, text[index + 1] == 0x0a { index += 1 }
            } else {
                line.append(byte)
            }
            index += 1
        }
        return names
    }
}
