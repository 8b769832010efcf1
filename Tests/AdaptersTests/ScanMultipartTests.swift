import Adapters
import AllocationCounter
import Bytes
import Testing
import TestSupport

@Suite struct ScanMultipartTests {
    static func fault(_ body: [UInt8], _ boundary: String = "b", _ limits: MultipartLimits = .standard) -> BodyFault? {
        var tape = MultipartTape()
        do throws(BodyFault) {
            try tape.scan(body.span, boundary: Array(boundary.utf8).span, limits: limits)
            return nil
        } catch {
            precondition(tape.count == 0)
            return error
        }
    }

    static func parts(_ body: [UInt8], _ boundary: String = "b") throws -> [String] {
        var tape = MultipartTape()
        try tape.scan(body.span, boundary: Array(boundary.utf8).span)
        func text(_ range: ByteRange) -> String { String(decoding: body[range.range], as: UTF8.self) }
        return (0..<tape.count).map { i in
            let part = tape[i]
            return "\(text(part.name))|\(part.isFile ? text(part.filename) : "-")|\(text(part.contentType))|\(text(part.content))"
        }
    }

    static func body(_ parts: [String], _ boundary: String = "b", end: String = "--\r\n") -> [UInt8] {
        Array((parts.map { "--\(boundary)\r\n\($0)\r\n" }.joined() + "--\(boundary)\(end)").utf8)
    }

    /// One part with this head.
    static func head(_ lines: String, content: String = "x") -> [UInt8] { body(["\(lines)\r\n\r\n\(content)"]) }

    static let to = "Content-Disposition: form-data; name=\"to\"\r\n\r\na@x.com"

    @Test func reads() throws {
        #expect(try Self.parts(Self.body([Self.to])) == ["to|-||a@x.com"])
        #expect(try Self.parts(Self.body([Self.to], end: "--")) == ["to|-||a@x.com"])
        let file = "Content-Disposition: form-data; name=\"f\"; filename=\"a b.txt\"\r\nContent-Type: text/plain; x=y\r\n\r\n\r\n-- \r\n-b\r\n"
        #expect(try Self.parts(Self.body([Self.to, file, Self.to])) == ["to|-||a@x.com", "f|a b.txt|text/plain; x=y|\r\n-- \r\n-b\r\n", "to|-||a@x.com"])
        #expect(try Self.parts(Self.head("content-disposition:form-data;name=\"n\"", content: "")) == ["n|-||"])
    }

    /// As the libraries of several languages write it: Python, .NET, Guzzle, Apache HttpClient, Ruby.
    static let clients: [(String, String)] = [
        ("Content-Disposition: form-data; name=\"to\"", "to|-||x"),
        ("Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=to", "to|-|text/plain; charset=utf-8|x"),
        ("Content-Disposition: form-data; name=f; filename=a.txt; filename*=utf-8''a.txt", "f|a.txt||x"),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Length: 1", "to|-||x"),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Type: text/plain; charset=US-ASCII\r\nContent-Transfer-Encoding: 8bit", "to|-|text/plain; charset=US-ASCII|x"),
        ("Content-Disposition: form-data; name=\"f\"; filename=\"naïve.txt\"\r\nContent-Length: 1\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary", "f|naïve.txt|text/plain|x"),
        ("Content-Disposition: form-data; name=\"o:tag\"", "o:tag|-||x"), ("Content-Disposition: form-data; name=\"h:Reply-To\"", "h:Reply-To|-||x"),
    ]

    @Test(arguments: clients) func readsWhatClientsWrite(head: String, expected: String) throws {
        #expect(try Self.parts(Self.head(head)) == [expected])
    }

    static let faults: [(String, BodyFault.Cause)] = [
        ("", .badDelimiter), ("--b", .badDelimiter), ("--b--", .badDelimiter), ("--b--\r\n", .badDelimiter), ("--c\r\n\(to)\r\n--c--", .badDelimiter),
        ("\r\n--b\r\n\(to)\r\n--b--", .badDelimiter), ("preamble\r\n--b\r\n\(to)\r\n--b--", .badDelimiter), ("--b\r\n\(to)\r\n--b--\r\nepilogue", .badDelimiter),
        ("--b\r\n\(to)\r\n--b--\n", .badDelimiter), ("--b\r\n\(to)\r\n--b--\r\n\r\n", .badDelimiter), ("--b\r\n\(to)\r\n--b-- \r\n", .badDelimiter),
        ("--b\r\n\(to)", .badDelimiter), ("--b\r\n\(to)\r\n--b", .strayBoundary), ("--b\r\n\(to)\r\n--b-", .strayBoundary), ("--b \r\n\(to)\r\n--b--", .badDelimiter),
        ("--b\n\(to)\r\n--b--", .badDelimiter), ("--b\r\n\(to)\r\n--b \r\n\(to)\r\n--b--", .strayBoundary), ("--b\r\n\(to)\r\n--b\n\(to)\r\n--b--", .strayBoundary),
        ("--b\r\n\(to)\n--b\r\n\(to)\r\n--b--", .strayBoundary), ("--b\r\n\(to)--b\r\n\(to)\r\n--b--", .strayBoundary), ("--b\r\n\(to)\r\n--bc\r\n\r\n--b--", .strayBoundary),
        ("--b\r\n\(to)\r\n---b\r\n\r\n--b--", .strayBoundary), ("--b\r\n\(to) --b-- \r\n--b--", .strayBoundary), ("--b\r\n\(to)\r\r\n--b--\r\n--b--", .badDelimiter),
        ("--b\r\n\r\nx\r\n--b--", .badPartHead), ("--b\r\nx\r\n--b--", .badPartHead), ("--b\r\n--b--", .badPartHead),
        ("--b\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n--b--", .strayBoundary),
    ]

    @Test(arguments: faults) func refusesAnyOtherShape(body: String, cause: BodyFault.Cause) {
        #expect(Self.fault(Array(body.utf8))?.cause == cause)
    }

    static let heads: [(String, BodyFault.Cause)] = [
        ("Content-Disposition: form-data", .badPartHead), ("Content-Disposition: attachment; name=\"to\"", .badPartHead), ("Content-Type: text/plain", .badPartHead),
        ("Content-Disposition: form-data; name=\"to\"; name=\"cc\"", .badPartHead), ("Content-Disposition: form-data; name*=utf-8''to", .badPartHead),
        ("Content-Disposition: form-data; name=\"x\"; name*=utf-8''to", .badPartHead), ("Content-Disposition: form-data; name=\"x\"; foo=bar", .badPartHead),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Disposition: form-data; name=\"cc\"", .badPartHead),
        ("Content-Disposition: form-data;\r\n name=\"to\"", .badPartHead), ("Content-Disposition : form-data; name=\"to\"", .badPartHead),
        (" Content-Disposition: form-data; name=\"to\"", .badPartHead), ("Content-Disposition: form-data; name=\"to\"\nX: y", .badPartHead),
        ("Content-Disposition: form-data; name=\"to\"\r\nX-Custom: y", .badPartHead), ("Content-Disposition: form-data; name=\"to\" x", .badPartHead),
        ("Content-Disposition: form-data; name =\"to\"", .badPartHead), ("Content-Disposition: form-data; name= \"to\"", .badPartName),
        ("Content-Disposition: form-data; name=\"t\\o\"", .badPartName), ("Content-Disposition: form-data; name=\"to", .badPartName),
        ("Content-Disposition: form-data; name=\"\"", .badPartName), ("Content-Disposition: form-data; name=", .badPartName),
        ("Content-Disposition: form-data; name='to'", .badPartName), ("Content-Disposition: form-data; name=\"%74o\"", .badPartName),
        ("Content-Disposition: form-data; name=\"=?utf-8?q?to?=\"", .badPartName), ("Content-Disposition: form-data; name=\"to\"; filename*=latin1''x", .badPartName),
        ("Content-Disposition: form-data; name=\"to\"; filename*=utf-8x", .badPartName), ("Content-Disposition: form-data; name=\"to\"; filename=\"a\\\"b\"", .badPartName),
        ("Content-Disposition: form-data; name=\"\u{85}to\"", .controlInName), ("Content-Disposition: form-data; name=\"_charset_\"", .unsupportedCharset),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Type: multipart/mixed; boundary=c", .partNested),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Type: Multipart/Mixed", .partNested), ("Content-Disposition: form-data; name=\"to\"\r\nContent-Type:", .badPartHead),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Type: a/b\r\nContent-Type: a/b", .badPartHead),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Transfer-Encoding: base64", .partEncoded),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Transfer-Encoding: quoted-printable", .partEncoded),
        ("Content-Disposition: form-data; name=\"to\"\r\nContent-Length: 2", .badPartHead), ("Content-Disposition: form-data; name=\"to\"\r\nContent-Length: +1", .badPartHead),
        ("Content-Disposition: form-data; name=\"to\t\"", .badPartHead), ("Content-Disposition: form-data; name=\"t\u{0}o\"", .badPartHead),
    ]

    @Test(arguments: heads) func refusesOtherHeads(head: String, cause: BodyFault.Cause) {
        #expect(Self.fault(Self.head(head))?.cause == cause)
    }

    @Test func refusesNamesThatAreNotUTF8() {
        let body = Array("--b\r\nContent-Disposition: form-data; name=\"t".utf8) + [0xff] + Array("o\"\r\n\r\nx\r\n--b--".utf8)
        #expect(Self.fault(body)?.cause == .invalidUTF8)
    }

    @Test func saysWhichPartsAreFieldsOfText() throws {
        func part(_ head: String) throws -> (isFile: Bool, isText: Bool) {
            let body = Self.head(head)
            var tape = MultipartTape()
            try tape.scan(body.span, boundary: "b".utf8.span)
            return (tape[0].isFile, tape[0].isText)
        }
        let name = "Content-Disposition: form-data; name=\"to\""
        #expect(try part(name) == (false, true))
        #expect(try part("\(name)\r\nContent-Type: text/plain; charset=utf-8") == (false, true))
        #expect(try part("\(name)\r\nContent-Type: application/json") == (false, true))
        #expect(try part("\(name)\r\nContent-Type: text/plain; charset=utf-16") == (false, false))
        #expect(try part("\(name)\r\nContent-Type: application/octet-stream") == (false, false))
        #expect(try part("\(name); filename=\"\"") == (true, true))
        #expect(try part("\(name); filename*=utf-8'en'a") == (true, true))
    }

    @Test(arguments: [
        ("to", FormNameMatch.exact), ("to[]", .bracketed), ("to.x", .bracketed), ("To", .misspelt), (" to", .misspelt), ("\u{ff54}o", .misspelt), ("[to]", .misspelt),
        ("too", .other), ("é", .other),
    ])
    func match(name: String, expected: FormNameMatch) throws {
        let body = Self.body([Self.to, "Content-Disposition: form-data; name=\"\(name)\"\r\n\r\nx"])
        var tape = MultipartTape()
        try tape.scan(body.span, boundary: "b".utf8.span)
        let found = tape.match(1, "to", in: body.span)
        #expect(found == expected)
    }

    @Test func limits() {
        var limits = MultipartLimits()
        limits.parts = 3
        #expect(Self.fault(Self.body([Self.to, Self.to, Self.to]), "b", limits) == nil)
        #expect(Self.fault(Self.body([Self.to, Self.to, Self.to, Self.to]), "b", limits)?.cause == .tooManyParts)
        func named(_ n: Int) -> [UInt8] { Self.head("Content-Disposition: form-data; name=\"\(String(repeating: "n", count: n))\"") }
        #expect(Self.fault(named(256)) == nil)
        #expect(Self.fault(named(257))?.cause == .nameTooLong)
        #expect(Self.fault(named(5000))?.cause == .partHeadTooLong)
        #expect(BodyFault(.tooManyParts, at: 0).status == 413)
        #expect(Self.fault(Array("x".utf8), "")?.cause == .badBoundary)
        #expect(Self.fault(Array("x".utf8), String(repeating: "b", count: 71))?.cause == .badBoundary)
    }

    @Test(arguments: [([0], [1, 2]), ([1], [0, 2]), ([2], [0, 1]), ([0, 1], [2]), ([1, 2], [0]), ([0, 2], [1])])
    func cutsLeaveABody(cuts: [Int], kept: [Int]) throws {
        let parts = (0..<3).map { "Content-Disposition: form-data; name=\"p\($0)\"\r\n\r\nvalue \($0)\r\n" }
        let body = Self.body(parts)
        var tape = MultipartTape()
        try tape.scan(body.span, boundary: "b".utf8.span)
        var ranges: [ByteRange] = []
        tape.appendCuts(cuts, to: &ranges)
        #expect(ScanJSONCutTests().cut(body, ranges) == Self.body(kept.map { parts[$0] }))
    }

    /// The boundary is found where a plain search finds it, whatever repeats in it.
    @Test(arguments: ["b", "-", "----", "aab", "-a-", "a-a-b", "--x--", "aaaaaaaa", "----WebKitFormBoundary7MA4YWxkTrZu0gW"])
    func findsEveryBoundary(boundary: String) {
        var random = SeededGenerator(seed: 5)
        let needle = Array("--\(boundary)".utf8)
        let pieces: [[UInt8]] = [needle, Array(needle.dropLast()), Array(needle.dropFirst()), [0x2d], [0x2d, 0x2d], [0x61], [0x0d, 0x0a], Array(repeating: 0x78, count: 31)]
        for _ in 0..<2000 {
            var content: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<12, using: &random) { content += pieces.randomElement(using: &random)! }
            let head = Array("Content-Disposition: form-data; name=\"n\"\r\n\r\n".utf8)
            let body = needle + [0x0d, 0x0a] + head + content + [0x0d, 0x0a] + needle + [0x2d, 0x2d]
            let plain = Self.firstIndex(of: needle, in: content + [0x0d, 0x0a] + needle + [0x2d, 0x2d])!
            let fault = Self.fault(body, boundary)
            // Boundaries that begin with dashes may be found one dash early.
            if plain == content.count + 2 { #expect(fault == nil) } else { #expect(fault != nil) }
        }
    }

    static func firstIndex(of needle: [UInt8], in text: [UInt8]) -> Int? {
        guard text.count >= needle.count else { return nil }
        return (0...(text.count - needle.count)).first { Array(text[$0..<($0 + needle.count)]) == needle }
    }

    /// Any bytes at all: an answer, never a trap, and a fault inside of the body.
    @Test func noiseIsAnswered() {
        var random = SeededGenerator(seed: 17)
        let pieces = ["--b", "\r\n", "--", "b", "Content-Disposition: form-data; name=\"to\"", "; filename=\"x\"", "\r\n\r\n", "x", "\n", "Content-Type: text/plain", "\"", ";"]
        var accepted = 0
        for _ in 0..<20_000 {
            var body = Array("--b\r\n\(Self.to)\r\n--b--".utf8)
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                let at = Int.random(in: 0...body.count, using: &random)
                body.insert(contentsOf: Array(pieces.randomElement(using: &random)!.utf8), at: at)
            }
            let fault = Self.fault(body)
            if fault == nil { accepted += 1 }
            #expect((fault?.offset ?? 0) <= body.count)
        }
        #expect(accepted > 500)
    }

    @Test(.enabled(if: allocation_counting_is_on())) func aWarmTapeAllocatesNothing() {
        let body = Self.body([Self.to, "Content-Disposition: form-data; name=\"f\"; filename=\"a\"\r\nContent-Type: image/png\r\n\r\n\u{0}\u{1}", Self.to])
        var tape = MultipartTape()
        var ranges: [ByteRange] = []
        ranges.reserveCapacity(8)
        let cuts = [0, 2]
        func round() {
            for _ in 0..<100 {
                ranges.removeAll(keepingCapacity: true)
                do throws(BodyFault) { try tape.scan(body.span, boundary: "b".utf8.span) } catch { return }
                _ = tape.match(2, "to", in: body.span)
                tape.appendCuts(cuts, to: &ranges)
            }
        }
        round()
        let before = allocation_count()
        round()
        let made = allocation_count() - before
        // The content type's charset and boundary come by typed throws, which Swift Testing boxes: image/png has none.
        #expect(made == 0)
        #expect(ranges.count == 2)
    }
}
