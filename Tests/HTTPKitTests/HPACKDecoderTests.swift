import HTTPKit
import Testing

/// What ends the connection, and what only seems to be wrong.
@Suite struct HPACKDecoderTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let block: String, error: HPACKError
        init(_ block: String, _ error: HPACKError) { (self.block, self.error) = (block, error) }
        var testDescription: String { "\(block) → \(error)" }
    }

    @Test(arguments: [
        Refusal("80", .index), Refusal("be", .index), Refusal("7e0161", .index), Refusal("ff", .truncated), Refusal("ff80", .truncated),
        Refusal("ffffffffff0f", .integer), Refusal("ff808080808000", .integer), Refusal("ffffffffffffffffffff7f", .integer),
        Refusal("ff80ffffff0f", .index),
        Refusal("40", .truncated), Refusal("4001", .truncated), Refusal("400161", .truncated), Refusal("40016105", .truncated),
        Refusal("4001610561", .truncated), Refusal("417f", .truncated), Refusal("410561626364", .truncated),
        // 65537 octets that are announced are refused before they are there.
        Refusal("417f82ff03", .string), Refusal("41ffffffffff0e", .string),
        // Padding of a whole octet, of zeros, EOS itself, EOS and more, and a code that is cut off.
        Refusal("41821fff", .huffman), Refusal("418118", .huffman), Refusal("4184ffffffff", .huffman), Refusal("4185fffffffffc", .huffman),
        Refusal("4182fff8", .huffman), Refusal("4181ff", .huffman), Refusal("418a1818181818181818ffff", .huffman),
        // Past what we allow, and behind a field.
        Refusal("3fe21f", .tableSize), Refusal("3fffffffff0f", .integer), Refusal("8220", .tableSize), Refusal("208220", .tableSize),
    ]) func refuses(refusal: Refusal) {
        var decoder = HPACKDecoder()
        #expect(throws: refusal.error) { try decoder.lines(bytes(hexadecimal: refusal.block)) }
    }

    @Test func edgesAreAccepted() throws {
        var decoder = HPACKDecoder()
        #expect(try decoder.lines([]) == [])
        #expect(try decoder.lines(bytes(hexadecimal: "203fe11f")) == [])
        // An integer with needless octets, an empty name and value, an empty Huffman string.
        let odd = try decoder.lines(bytes(hexadecimal: "0f8080808000" + "0161" + "000000" + "008080"))
        #expect(odd.map(\.description) == ["accept-charset: a", ": ", ": "])
        // Seven bits of padding.
        let padded = try decoder.lines(bytes(hexadecimal: "0483028a7f"))
        #expect(padded.map(\.description) == [":path: 0  "])
    }

    /// An entry as large as the table is held, one octet more empties it (RFC 7541 section 4.4).
    @Test func anEntryCanFillTheTable() throws {
        for (extra, isHeld) in [(0, true), (1, false)] {
            var decoder = HPACKDecoder()
            _ = try decoder.lines(bytes(hexadecimal: "4001610162"))
            // 4096 - 32 - 1 octets of value are 127 + 3936.
            let value = [UInt8](repeating: 0x78, count: 4063 + extra)
            let rest = value.count - 127
            let length = [0x7f, UInt8(rest & 0x7f | 0x80), UInt8(rest >> 7)]
            let lines = try decoder.lines([0x40, 1, 0x61] + length + value)
            #expect(lines.map(\.value.utf8.count) == [value.count])
            if isHeld {
                #expect(try decoder.lines([0xbe]) == lines)
            } else {
                #expect(throws: HPACKError.index) { try decoder.lines([0xbe]) }
            }
        }
    }

    /// The entry that lends its name goes to make room for the one that borrows it.
    @Test func aNameOutlivesItsEntry() throws {
        var decoder = HPACKDecoder(tableSize: 64)
        _ = try decoder.lines([0x40, 4] + wire("name") + [28] + [UInt8](repeating: 0x78, count: 28))
        for round in 0..<50 {
            let value = wire(String(repeating: "\(round % 10)", count: 10 + round % 18))
            let lines = try decoder.lines([0x7e, UInt8(value.count)] + value)
            #expect(lines.map(\.description) == ["name: " + value.withUnsafeBufferPointer { text($0) }])
            #expect(try decoder.lines([0xbe]) == lines)
        }
    }

    /// Table entries say whether the rules for fields hold, so that nobody looks again.
    @Test func entriesKnowWhetherTheyAreSound() throws {
        var decoder = HPACKDecoder()
        let cases: [(name: String, value: String, isSound: Bool)] = [
            ("x-a", "fine", true), ("server", "nginx", true), ("x_y", "", true), ("X-Up", "a", false), ("x a", "b", false), ("", "a", false),
            ("x-a", "line\r\nbreak", false), ("x-a", " blank", false), (":status", "200", false), ("date", "a\u{7f}", false),
        ]
        for (name, value, isSound) in cases {
            let block = [0x40, UInt8(name.utf8.count)] + wire(name) + [UInt8(value.utf8.count)] + wire(value) + [0xbe]
            var verdicts: [Bool] = []
            try block.withUnsafeBufferPointer { block throws(HPACKError) in try decoder.decode(block) { verdicts.append($0.isSound) } }
            #expect(verdicts == [isSound, isSound], "\(name): \(value)")
        }
    }
}
