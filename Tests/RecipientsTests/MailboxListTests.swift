import AllocationCounter
import Bytes
import Glibc
import Testing
import TestSupport

@testable import Recipients

@Suite struct MailboxListTests {
    static func read(_ text: String, limit: Int = 1000) throws(IdentifierProblem) -> [(element: String, address: String, spelling: Spelling)] {
        var list = MailboxList()
        let bytes = Array(text.utf8)
        try list.read(bytes.span, limit: limit)
        func part(_ range: ByteRange) -> String { String(decoding: bytes[range.range], as: UTF8.self) }
        return (0..<list.count).map { (part(list[$0].element), part(list[$0].address), list[$0].spelling) }
    }

    static let lists: [(String, [String])] = [
        ("", []), (" ", []), (",", []), (" , ,", []), ("a@x.com", ["a@x.com"]), ("a@x.com,b@x.com", ["a@x.com", "b@x.com"]),
        (" a@x.com , b@x.com ", ["a@x.com", "b@x.com"]), ("a@x.com,,b@x.com,", ["a@x.com", "b@x.com"]),
        ("Ann <a@x.com>, Bob <b@x.com>", ["a@x.com", "b@x.com"]), ("\"B, C\" <b@x.com>, c@x.com", ["b@x.com", "c@x.com"]),
        ("\"B; C: D\" <b@x.com>, c@x.com", ["b@x.com", "c@x.com"]), ("<a@x.com>,<b@x.com>", ["a@x.com", "b@x.com"]),
        ("a@x.com,\r\n b@x.com,\r\n\tc@x.com", ["a@x.com", "b@x.com", "c@x.com"]), ("\r\n a@x.com", ["a@x.com"]),
        ("Team: a@x.com, B <b@x.com>;", ["a@x.com", "b@x.com"]), ("Team:a@x.com;, b@x.com", ["a@x.com", "b@x.com"]),
        ("\"The Team\": a@x.com;", ["a@x.com"]), ("a@x.com, Team: b@x.com,; , c@x.com", ["a@x.com", "b@x.com", "c@x.com"]),
        ("undisclosed-recipients:;", []), ("Undisclosed recipients: ;, a@x.com", ["a@x.com"]), ("A:;,B:;", []),
        ("=?utf-8?q?J=C3=B6?= <a@x.com>, =?UTF-8?B?SsO2?= <b@x.com>", ["a@x.com", "b@x.com"]), ("root, a@x.com", ["root", "a@x.com"]),
        ("jo@bücher.example, josé@example.com", ["jo@bücher.example", "josé@example.com"]),
    ]

    @Test(arguments: lists) func splits(text: String, addresses: [String]) throws {
        let found = try Self.read(text)
        #expect(found.map(\.address) == addresses)
        #expect(found.allSatisfy { $0.spelling == .agreed })
        #expect(found.allSatisfy { text.contains($0.element) && $0.element.contains($0.address) })
    }

    /// What only decoration makes doubtful: the addresses are found and the caller is told to refuse.
    static let unusual = [
        "a@x.com (Ann), b@x.com", "Ann (the boss) <a@x.com>, b@x.com", "\"x@y.com, z\" <a@x.com>, b@x.com", "x@y.com <a@x.com>, b@x.com",
        "\"a \\\" b\" <a@x.com>, b@x.com", "a@x.com, \"<c@x.com>\" <b@x.com>", "=?utf-8?q?c=40x=2Ecom=2C?= <a@x.com>, b@x.com",
        "=?utf-8?b?Y0B4LmNvbSw=?= <a@x.com>, b@x.com", "\"=?utf-8?q?c=40x=2Ecom=2C?=\" <a@x.com>, b@x.com",
        "=?utf-8?q?=EF=BC?= =?utf-8?q?=A0?= <a@x.com>, b@x.com", "=?utf-7?q?c+AEA-x.com?= <a@x.com>, b@x.com", "=?x?q?c?= <a@x.com>, b@x.com",
        "=?utf-8?q?c=4?= <a@x.com>, b@x.com", "=?utf-8?b?Y0B4?? <a@x.com>, b@x.com", "=?utf-8?q?c d?= <a@x.com>, b@x.com",
        "\"=?utf-8?q?a=0D=0ABcc:?=\" <a@x.com>, b@x.com", "=?utf-8?b?AB==?= <a@x.com>, b@x.com",
    ]

    @Test(arguments: unusual) func marksDoubtfulDecoration(text: String) throws {
        let found = try Self.read(text)
        #expect(found.count == 2)
        #expect(found.contains { $0.spelling == .unusual })
    }

    static let refused: [(String, IdentifierProblem)] = [
        ("a@x.com; b@x.com", .severalMailboxes), ("a@x.com;", .severalMailboxes), ("Team: a@x.com", .groupSyntax), ("Team: a@x.com; b@x.com", .groupSyntax),
        ("A: B: a@x.com;;", .groupSyntax), (": a@x.com;", .groupSyntax), ("c@x.com: a@x.com;", .groupSyntax), ("mailto:a@x.com", .groupSyntax),
        ("(c): a@x.com;", .groupSyntax), ("Team: a@x.com; (c)", .groupSyntax), ("Team: a@x.com;;", .severalMailboxes), ("<a@x.com,b@x.com>", .sourceRoute),
        ("<@r.com:a@x.com>", .sourceRoute), ("<a@x.com;b@x.com>", .sourceRoute), ("\"a <a@x.com>, b@x.com", .unbalancedQuote),
        ("(a <a@x.com>, b@x.com", .unbalancedComment), ("a <a@x.com, b@x.com", .sourceRoute), ("a@x.com>, b@x.com", .unbalancedAngle),
        ("<a@x.com> junk, b@x.com", .unbalancedAngle), ("<a@x.com> <b@x.com>", .unbalancedAngle), ("a@x.com,\nb@x.com", .controlCharacter),
        ("a@x.com,\r\nb@x.com", .controlCharacter), ("a@x.com\r, b@x.com", .controlCharacter), ("a@x.com,\u{0}b@x.com", .controlCharacter),
        ("\"a\n\" <a@x.com>", .controlCharacter), ("a@x.com, " + String(repeating: "n", count: 2100) + " <b@x.com>", .tooLong),
    ]

    @Test(arguments: refused) func refusesWhatParsersReadInTwoWays(text: String, problem: IdentifierProblem) {
        #expect(throws: problem) { try Self.read(text) }
    }

    @Test func boundsTheNumberOfMailboxes() throws {
        let text = (0..<100).map { "a\($0)@x.com" }.joined(separator: ",")
        #expect(try Self.read(text, limit: 100).count == 100)
        #expect(throws: IdentifierProblem.tooManyMailboxes) { try Self.read(text, limit: 99) }
        #expect(try Self.read("g: a@x.com;, h:;", limit: .max).count == 1)
        #expect(throws: IdentifierProblem.tooManyMailboxes) { try Self.read(String(repeating: "g:;,", count: 1000), limit: 100) }
    }

    static let cuts: [(String, [Int], String)] = [
        ("a@x.com, b@x.com, c@x.com", [0], "b@x.com, c@x.com"), ("a@x.com, b@x.com, c@x.com", [1], "a@x.com, c@x.com"),
        ("a@x.com, b@x.com, c@x.com", [2], "a@x.com, b@x.com"), ("a@x.com, b@x.com, c@x.com", [0, 1], "c@x.com"),
        ("a@x.com, b@x.com, c@x.com", [1, 2], "a@x.com"), ("a@x.com, b@x.com, c@x.com", [0, 2], "b@x.com"),
        ("a@x.com,,b@x.com", [1], "a@x.com"), ("a@x.com,,b@x.com", [0], "b@x.com"), ("a@x.com,b@x.com,", [1], "a@x.com,"),
        ("A <a@x.com>,\r\n \"B, C\" <b@x.com>,\r\n c@x.com", [1], "A <a@x.com>,\r\n c@x.com"),
        ("A <a@x.com>,\r\n \"B, C\" <b@x.com>,\r\n c@x.com", [0], "\"B, C\" <b@x.com>,\r\n c@x.com"),
        ("Team: a@x.com, b@x.com;, c@x.com", [0], "Team: b@x.com;, c@x.com"), ("Team: a@x.com, b@x.com;, c@x.com", [1], "Team: a@x.com;, c@x.com"),
        ("Team: a@x.com, b@x.com;, c@x.com", [0, 1], "c@x.com"), ("Team: a@x.com, b@x.com;, c@x.com", [2], "Team: a@x.com, b@x.com;"),
        ("a@x.com, Team: b@x.com;, c@x.com", [1], "a@x.com, c@x.com"), ("a@x.com, Team: b@x.com;", [0], "Team: b@x.com;"),
        ("none:;, a@x.com, b@x.com", [0], "none:;, b@x.com"), ("a@x.com, none:;, b@x.com", [0], "none:;, b@x.com"),
        ("a@x.com ,\r\n b@x.com\r\n , c@x.com", [1, 2], "a@x.com"), ("a@x.com ,\r\n b@x.com\r\n , c@x.com", [1], "a@x.com\r\n , c@x.com"),
    ]

    @Test(arguments: cuts) func cutsLeaveAList(text: String, cuts: [Int], expected: String) throws {
        #expect(try Self.cut(text, cuts).text == expected)
    }

    static func cut(_ text: String, _ cuts: [Int]) throws -> (text: String, isAnybodyLeft: Bool) {
        var list = MailboxList()
        let bytes = Array(text.utf8)
        try list.read(bytes.span)
        var ranges: [ByteRange] = []
        let isAnybodyLeft = list.appendCuts(cuts, in: bytes.span, to: &ranges)
        var rest: [UInt8] = []
        var from = 0
        for range in ranges {
            rest += bytes[from..<Int(range.lower)]
            from = Int(range.upper)
        }
        return (String(decoding: rest + bytes[from...], as: UTF8.self), isAnybodyLeft)
    }

    /// Random lists, random cuts: the rest holds exactly the other mailboxes, in order.
    @Test func cutThenReadAgain() throws {
        var random = SeededGenerator(seed: 7)
        let pieces = [
            "a@x.com", "B <b@x.com>", "\"C, D\" <c@x.com>", "", " ", "G: d@x.com, e@x.com;", "H:f@x.com;", "I:;", "\r\n g@x.com", "J: ,h@x.com,\r\n i@x.com,;",
        ]
        for _ in 0..<3000 {
            let text = (0..<random.below(6)).map { _ in random.pick(pieces) }.joined(separator: random.pick([",", ", ", " ,\r\n "]))
            let all = try Self.read(text).map(\.element)
            let cuts = all.indices.filter { _ in random.below(2) == 0 }
            let rest = try Self.cut(text, cuts)
            #expect(rest.isAnybodyLeft == (cuts.count < all.count))
            #expect(try Self.read(rest.text).map(\.element) == all.indices.filter { !cuts.contains($0) }.map { all[$0] }, "\(text) cut \(cuts): \(rest.text)")
        }
    }

    /// Hostile bytes get an answer, and their ranges lie in the text.
    @Test func noiseIsAnswered() {
        var random = SeededGenerator(seed: 11)
        let alphabet = Array("ab@x.,:;<>()\"\\ \r\n\t=?q-".utf8)
        var list = MailboxList()
        var accepted = 0
        for _ in 0..<30_000 {
            let bytes = (0..<random.below(24)).map { _ in random.pick(alphabet) }
            do throws(IdentifierProblem) {
                try list.read(bytes.span)
                accepted += 1
                var end = 0
                for index in 0..<list.count {
                    let element = list[index]
                    #expect(Int(element.element.lower) >= end && element.element.upper <= bytes.count)
                    #expect(element.address.lower >= element.element.lower && element.address.upper <= element.element.upper)
                    end = Int(element.element.upper)
                }
            } catch {
                let isEmpty = list.count == 0
                #expect(isEmpty)
            }
        }
        #expect(accepted > 500)
    }

    @Test(.enabled(if: allocation_counting_is_on())) func aWarmListAllocatesNothing() {
        let bytes = Array("Ann <a@x.com>, \"B, C\" <b@x.com>, G: =?utf-8?q?J=C3=B6?= <c@x.com>, d@x.com;".utf8)
        var list = MailboxList()
        var ranges: [ByteRange] = []
        ranges.reserveCapacity(16)
        let cuts = [1, 2]
        func round() {
            for _ in 0..<100 {
                ranges.removeAll(keepingCapacity: true)
                do throws(IdentifierProblem) { try list.read(bytes.span) } catch { return }
                _ = list.appendCuts(cuts, in: bytes.span, to: &ranges)
            }
        }
        round()
        let before = allocation_count()
        round()
        #expect(allocation_count() == before)
        #expect(ranges.count == 2)
    }

    /// Four times the bytes take less than eight times this thread's own time.
    @Test(arguments: ["a,", "\"", "(", "<", "a@x.com,", "G:;,", "\"a\" ", "=?utf-8?q?a?= ", "\\", " "]) func timeIsLinear(piece: String) {
        var list = MailboxList()
        func seconds(_ count: Int) -> Double {
            let bytes = Array(String(repeating: piece, count: count / piece.utf8.count).utf8)
            var start = timespec(), end = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
            do throws(IdentifierProblem) { try list.read(bytes.span, limit: .max / 4) } catch { return 0 }
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
            return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) * 1e-9
        }
        _ = seconds(400_000)
        var ratio = Double.infinity
        for _ in 0..<5 where ratio >= 8 {
            let (short, long) = (seconds(100_000), seconds(400_000))
            ratio = long < 0.001 ? 0 : min(ratio, long / short)
        }
        #expect(ratio < 8)
    }
}
