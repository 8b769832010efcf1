import Testing
import TestSupport

@testable import Ledger

@Suite struct CSVReaderTests {
    /// What the reader makes of `text` when it comes in pieces of `piece` bytes: fields, or the problem, with the line.
    static func read(_ text: [UInt8], piece: Int = .max) throws -> [String] {
        var rest = text[...]
        var reader = CSVReader {
            defer { rest = rest.dropFirst(piece) }
            return Array(rest.prefix(piece))
        }
        var lines: [String] = []
        while let record = try reader.next() {
            switch record.fields {
            case .success(let fields): lines.append("\(record.line): " + fields.joined(separator: "|"))
            case .failure(let problem): lines.append("\(record.line)! \(problem): " + String(decoding: record.raw, as: UTF8.self))
            }
        }
        #expect(reader.consumed == Int64(text.count))
        return lines
    }

    @Test(arguments: [
        ("", []),
        ("a,b\n1,2\n", ["1: a|b", "2: 1|2"]),
        ("a,b\r\n1,2\r\n", ["1: a|b", "2: 1|2"]),
        ("a,b\r1,2", ["1: a|b", "2: 1|2"]),
        ("\u{feff}a,b\n1,2", ["1: a|b", "2: 1|2"]),
        ("a\n\n\n1\r\n\r\n2", ["1: a", "4: 1", "6: 2"]),
        ("a,b\n,\n", ["1: a|b", "2: |"]),
        ("a;b\n1;2,5\n", ["1: a|b", "2: 1|2,5"]),
        ("a\tb\n1\t2\n", ["1: a|b", "2: 1|2"]),
        ("a\n\"x, \"\"y\"\"\"\n", ["1: a", "2: x, \"y\""]),
        ("a,b\n\"two\r\nlines\",2\n3,4\n", ["1: a|b", "2: two\r\nlines|2", "4: 3|4"]),
        ("a\n\"\"\n", ["1: a", "2: "]),
        ("a\n\"open\nb\n", ["1: a", "2! \(CSVReader.Problem.unclosedQuote): \"open", "3: b"]),
        ("a\nx\"y\nb\n", ["1: a", "2! \(CSVReader.Problem.quoteInsideField): x\"y", "3: b"]),
        ("a\n\"x\"y\nb\n", ["1: a", "2! \(CSVReader.Problem.textAfterQuote): \"x\"y", "3: b"]),
        ("a\n\"x\"\"", ["1: a", "2! \(CSVReader.Problem.unclosedQuote): \"x\"\""]),
    ] as [(String, [String])])
    func recordsComeOutTheSameWhateverThePieces(_ text: String, _ expected: [String]) throws {
        let bytes = Array(text.utf8)
        #expect(try Self.read(bytes) == expected)
        for piece in 1...max(1, bytes.count) { #expect(try Self.read(bytes, piece: piece) == expected, "pieces of \(piece)") }
    }

    @Test func invalidUTF8IsAProblemOfItsRowAlone() throws {
        let lines = try Self.read(Array("a\n".utf8) + [0xff, 0x0a] + Array("b\n".utf8))
        #expect(lines.count == 3 && lines[1].hasPrefix("2! ") && lines[2] == "3: b")
    }

    @Test func limitsHoldAtTheEdge() throws {
        let longest = String(repeating: "x", count: CSVReader.recordLimit)
        #expect(try Self.read(Array((longest + "\nb").utf8), piece: 4096).count == 2)
        let tooLong = try Self.read(Array("a\nx\(longest)yyy\nb\n".utf8), piece: 4096)
        #expect(tooLong.count == 3 && tooLong[1].hasPrefix("2! ") && tooLong[1].utf8.count < 66_000 && tooLong[2] == "3: b")
        let fields = String(repeating: ",", count: CSVReader.fieldLimit - 1)
        #expect(try Self.read(Array(fields.utf8)).map { $0.hasPrefix("1: ") } == [true])
        #expect(try Self.read(Array((fields + ",").utf8)).map { $0.hasPrefix("1! ") } == [true])
        // A quote that is never closed costs its own row, not the rest of the file.
        let swallowed = try Self.read(Array(("a\n\"open\n" + String(repeating: "row\n", count: 40_000)).utf8), piece: 10_000)
        #expect(swallowed.count == 40_002 && swallowed.last == "40002: row")
    }

    @Test func randomBytesNeverTrapAndNothingIsLost() throws {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("a,;\"\"\n\r\t\u{e9}".utf8) + [0xff]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            let whole = try Self.read(bytes)
            #expect(try Self.read(bytes, piece: Int.random(in: 1...7, using: &random)) == whole)
        }
    }
}
