import Foundation
import Recipients
import Testing
import TestSupport

@testable import Lists

@Suite struct ReadingTests {
    let directory: TemporaryDirectory
    let installation: Installation

    init() throws {
        directory = try TemporaryDirectory()
        installation = try Installation(directory)
    }

    private func load(_ text: String, _ options: ListOptions = phones) throws -> (version: ListVersion, rejected: [String]) {
        let rejected = directory.file("rejected.csv")
        let result = try installation.lists.load("l", file: directory.write(text), options: options, rejectedRows: rejected)
        guard case .loaded(let version, _) = result else { throw ListFailure.busy }
        let lines = try String(contentsOfFile: rejected, encoding: .utf8).split(separator: "\r\n", omittingEmptySubsequences: true)
        #expect(lines.first == "line,cause,row")
        return (version, lines.dropFirst().map(String.init))
    }

    @Test(arguments: [
        "+14155550123", "+14155550123\n", "\u{feff}+14155550123\r\n", "phone\n+14155550123\n", "Phone Number\r\n\r\n +1 (415) 555-0123 \r\n",
        "\"+14155550123\"\n", "name,phone\n\"Doe, J\",+14155550123\n", "name;E-Mail;Mobile\nx;y@z.com;+1 415.555.0123\n",
        "phone\tname\r+14155550123\tx\r", "'+14155550123\n", "note,phone\n\"two\nlines \"\"x\"\"\",\"+14155550123\"\n", "tel:+14155550123\n",
        "name,phone\n5'10\" tall,+14155550123\n", "a|phone\nb|+14155550123",
    ])
    func oneNumberInManyDresses(_ text: String) throws {
        let (version, rejected) = try load(text)
        #expect(rejected == [] && version.rows == 1 && version.keys == 1)
        #expect(try installation.blocked("+1 415 555 0123") == .phoneMessages)
        #expect(try installation.blocked("+14155550124") == [])
    }

    @Test func columnsByNumberAndNameAndSeveral() throws {
        let text = "id,home,work\n1,+14155550101,+14155550102\n2,,+14155550103\n3,,\n4,nonsense,+14155550104\n"
        #expect(throws: ListFailure.self) { try load(text) }
        let (version, rejected) = try load(text, phones.with { $0.columns = [.name("HOME"), .number(3)] })
        #expect(version.rows == 4 && version.keys == 4 && version.rejected == 2)
        #expect(rejected.count == 2 && rejected[0].hasPrefix("4,\"The row names no") && rejected[1].hasPrefix("5,"))
        for end in 101...104 { #expect(try installation.blocked("+14155550\(end)") == .phoneMessages) }
    }

    @Test func areaAndNumberInTwoColumnsAsTheFTCGivesThem() throws {
        let options = phones.with {
            $0.columns = [.number(1), .number(2)]
            $0.joinsColumns = true
            $0.region = Region("US")
        }
        let (version, _) = try load("201,5550123\r\n415,5550199\r\n", options)
        #expect(version.keys == 2)
        #expect(try installation.blocked("+12015550123") == .phoneMessages && installation.blocked("415-555-0199") == .phoneMessages)
    }

    /// With a region there is one reading; without, all that the digits may mean.
    @Test func numbersWithoutACountryCode() throws {
        let text = "2015550123\n12015550124\n(201) 555-0125\n1-201-555-0126\n+12015550127\n+442079460958\n"
        let (version, rejected) = try load(text, phones.with { $0.region = Region("US") })
        #expect(version.keys == 6 && rejected == [])
        for end in 123...127 { #expect(try installation.blocked("+12015550\(end)") == .phoneMessages) }
        #expect(try installation.blocked("+442079460958") == .phoneMessages)
        #expect(try load(text).version.rows == 6)
        for end in 123...127 { #expect(try installation.blocked("+12015550\(end)") == .phoneMessages) }
        try installation.lists.remove("l")
        _ = try load("020 7946 0958\n07700 900123\n", phones.with { $0.region = Region("GB") })
        #expect(try installation.blocked("+442079460958") == .phoneMessages && installation.blocked("+447700900123") == .phoneMessages)
    }

    @Test func addressesWithTheirTagsAndDots() throws {
        let (version, rejected) = try load("Email Address,x\nAda.L@gmail.com,1\nbob@EXAMPLE.com,2\nno address,3\n", mails)
        #expect(version.rows == 3 && rejected.count == 1 && rejected[0].hasPrefix("4,"))
        for text in ["adal+news@googlemail.com", "BOB+x@example.com"] { #expect(try installation.blocked(text) == ChannelSet(.email)) }
    }

    @Test func whatIsRejectedIsReportedWithItsLine() throws {
        let text = """
            phone,note
            +14155550101,fine
            nonsense,x
            "+14155550102" x,y
            +14155550103,"a quote that is
            never closed
            +14155550104,z
            ,nobody
            =1+1,formula
            """
        let (version, rejected) = try load(text)
        let lines = rejected.compactMap { Int($0.prefix { $0 != "," }) }
        #expect(lines == [3, 4, 5, 6, 8, 9], "\(rejected)")
        #expect(version.rows == 8 && version.keys == 2)
        #expect(rejected.last?.hasSuffix("\"'=1+1,formula\"") == true)
        let mode = try FileManager.default.attributesOfItem(atPath: directory.file("rejected.csv"))[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
    }

    @Test func gzipIsReadAsGzipWritesIt() throws {
        let plain = try directory.write("phone\n" + numbers(0, 90_000))
        let packed = try directory.gzip(plain)
        // Two members one after the other are one file.
        let more = try directory.gzip(directory.write(numbers(90_000, 10), to: "more.csv"))
        let both = try Data(contentsOf: URL(fileURLWithPath: packed)) + Data(contentsOf: URL(fileURLWithPath: more))
        try both.write(to: URL(fileURLWithPath: packed))
        guard case .loaded(let version, _) = try installation.lists.load("l", file: packed, options: phones) else { throw ListFailure.busy }
        #expect(version.keys == 90_010 && version.rows == 90_010 && version.source.bytes == Int64(both.count))
        #expect(try installation.blocked(number(90_009)) == .phoneMessages)
        let path = directory.file("cut.gz")
        for cut in [3, 12, both.count / 2, both.count - 1] {
            try both.prefix(cut).write(to: URL(fileURLWithPath: path))
            #expect(throws: ListFailure.truncated(path: path)) { try installation.lists.load("l", file: path, options: phones) }
        }
        for garbage in [Data([1, 2, 3, 4]), both.prefix(100)] {
            try (both + garbage).write(to: URL(fileURLWithPath: path))
            #expect(throws: ListFailure.self) { try installation.lists.load("l", file: path, options: phones) }
        }
        var flipped = both
        flipped[both.count / 2] ^= 0x10
        try flipped.write(to: URL(fileURLWithPath: path))
        #expect(throws: ListFailure.self) { try installation.lists.load("l", file: path, options: phones) }
        #expect(try installation.lists.describe().count == 1)
    }

    /// Chunks of any length, rows cut anywhere: the same rows, with the same lines.
    @Test(arguments: 0..<30)
    func chunksDoNotShow(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let fields = ["+14155550123", "\"+14155550199\"", "\"a\"\"b\"", "\"two\nlines\"", "x\"y", "\"open", "\"shut\" late", "", "plain text", "\"\""]
        let lineEnd = seed % 3 == 0 ? "\r\n" : "\n"
        var text = ""
        for _ in 0..<Int.random(in: 1...400, using: &random) {
            let row = (0..<Int.random(in: 1...4, using: &random)).map { _ in fields[Int.random(in: 0..<fields.count, using: &random)] }
            text += row.joined(separator: ",") + lineEnd
        }
        if seed % 2 == 0 { text.removeLast() }
        let path = try directory.write(text)
        let options = phones.with {
            $0.columns = [.number(1)]
            $0.header = .absent
        }
        var expected: ListRowReader.Yield?
        for chunkBytes in [1 << 19, 1, 7, 64, 1000] {
            var source = try ListSource.open(path, chunkBytes: chunkBytes)
            let format = try ListFormat(source.head, path: path, options: options)
            source.begin(format.scanner, skipping: 0, lines: 0)
            var reader = try ListRowReader(format, options: options, rules: .standard, secret: installation.secret)
            var all = ListRowReader.Yield(), pieces: [UInt8] = []
            while let chunk = try source.nextChunk() {
                pieces += chunk.bytes
                let part = reader.read(chunk)
                all.keys += part.keys
                all.rows += part.rows
                all.rejected += part.rejected
            }
            #expect(pieces == Array(text.utf8), "seed \(seed), chunks of \(chunkBytes)")
            guard let expected else {
                expected = all
                continue
            }
            #expect(all.rows == expected.rows && all.keys == expected.keys, "seed \(seed), chunks of \(chunkBytes)")
            #expect(all.rejected.map(\.line) == expected.rejected.map(\.line), "seed \(seed), chunks of \(chunkBytes)")
        }
    }

    @Test func aRowWithoutEndIsOneRejectedRow() throws {
        let long = String(repeating: "9", count: 700_000)
        let (version, rejected) = try load("+14155550101\n\(long)\n+14155550102\n" + numbers(0, 90_000) + "\(long)")
        #expect(version.keys == 90_002 && rejected.count == 2)
        #expect(rejected.first?.hasPrefix("2,") == true && rejected.last?.hasPrefix("90004,") == true)
        #expect(try installation.blocked("+14155550102") == .phoneMessages && installation.blocked(number(89_999)) == .phoneMessages)
    }

    @Test func threadsFindTheSame() throws {
        var versions: [Int] = []
        let text = "phone,x\n" + (0..<200_000).map { $0 % 1000 == 7 ? "bad\($0),\"a\nb\"\n" : "\(number($0)),\"q,\(number($0 + 1))\"\n" }.joined()
        let path = try directory.write(text)
        for threads in [1, 2, 7] {
            let rejected = directory.file("rejected\(threads).csv")
            let result = try installation.lists.load("l\(threads)", file: path, options: phones, rejectedRows: rejected, threads: threads)
            guard case .loaded(let version, _) = result else { throw ListFailure.busy }
            versions.append(version.keys)
            #expect(version.rejected == 200 && version.rows == 200_000)
            #expect(try Data(contentsOf: URL(fileURLWithPath: rejected)) == Data(contentsOf: URL(fileURLWithPath: directory.file("rejected1.csv"))))
        }
        #expect(versions == [199_800, 199_800, 199_800])
    }

    @Test func nothingButDigestsIsKept() throws {
        _ = try load(numbers(0, 5000) + "bad row\n")
        for case let name as String in FileManager.default.enumerator(atPath: directory.file("lists")) ?? .init() {
            guard let data = FileManager.default.contents(atPath: directory.file("lists/" + name)) else { continue }
            for text in [number(17), String(number(17).dropFirst(1)), "4152000017", "bad row"] { #expect(data.range(of: Data(text.utf8)) == nil, "\(name)") }
        }
    }
}
