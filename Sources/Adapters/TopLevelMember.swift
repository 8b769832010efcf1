import Bytes

/// Finds one string member of the object a provider answered with. For evidence only: an answer that is not JSON, or names
/// the member elsewhere, simply yields nothing, and nothing is decided by what is found.
public enum TopLevelMember {
    /// - Parameters:
    ///   - name: the member's name, without escapes.
    ///   - json: the answer's body, or the beginning of it.
    /// - Returns: the value's bytes between its quotes; `nil` when there is no such member or its value has escapes.
    /// - Complexity: one pass, no allocation.
    public static func string(_ name: Span<UInt8>, in json: Span<UInt8>) -> Range<Int>? {
        var depth = 0
        var index = 0
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                guard let end = stringEnd(json, from: index + 1) else { return nil }
                if depth == 1, ASCIIText.equal(json.extracting((index + 1)..<end), name), let value = value(json, behind: end + 1) {
                    return value
                }
                index = end
            default: break
            }
            index += 1
        }
        return nil
    }

    /// Where the string that begins at `start` has its closing quote.
    private static func stringEnd(_ json: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while true {
            index = JSONBytes.skipPlain(json, index)
            guard index < json.count else { return nil }
            if json[index] == UInt8(ascii: "\"") { return index }
            index += json[index] == UInt8(ascii: "\\") ? 2 : 1
        }
    }

    /// The string value behind a colon, if that is what follows and it has no escapes.
    private static func value(_ json: Span<UInt8>, behind start: Int) -> Range<Int>? {
        var index = start
        while index < json.count, isBlank(json[index]) { index += 1 }
        guard index < json.count, json[index] == UInt8(ascii: ":") else { return nil }
        index += 1
        while index < json.count, isBlank(json[index]) { index += 1 }
        guard index < json.count, json[index] == UInt8(ascii: "\"") else { return nil }
        let first = index + 1
        index = first
        while true {
            index = JSONBytes.skipPlain(json, index)
            guard index < json.count else { return nil }
            switch json[index] {
            case UInt8(ascii: "\""): return first..<index
            case UInt8(ascii: "\\"), 0..<0x20: return nil
            default: index += 1
            }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }
}
