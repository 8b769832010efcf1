import Foundation
import Recipients
import Suppression
import Testing
import TestSupport

@testable import Lists

/// kill -9 at random moments, and a disk that is full. `STOPGATE_CRASH_ROUNDS` sets how often each; 10 by default.
@Suite(.serialized) struct CrashTests {
    private static let rounds = ProcessInfo.processInfo.environment["STOPGATE_CRASH_ROUNDS"].flatMap(Int.init) ?? 10

    private static let writer = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("ListsCrashWriter")
    private static let environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }

    let directory: TemporaryDirectory
    let paths: SecretRotation.Paths

    init() throws {
        directory = try TemporaryDirectory()
        let path = directory.path
        paths = SecretRotation.Paths(
            secretFile: path + "/secret", indexDirectory: path + "/index", listsDirectory: path + "/lists", workDirectory: path + "/rotation")
        try Data((1...16).map { UInt8($0) }).write(to: URL(fileURLWithPath: paths.secretFile))
        // Versions 0, 1 and 2: 4,000 in common, 2,000 of its own each.
        for version in 0..<3 {
            _ = try directory.write(numbers(0, 4000) + numbers(10_000 * (version + 1), 2000), to: "\(version).csv")
        }
    }

    /// Runs the writer and kills it `milliseconds` after its first word.
    private func run(_ mode: String, _ number: Int, killedAfter milliseconds: Int?) throws -> [String] {
        let process = Process()
        process.executableURL = Self.writer
        process.arguments = [mode, directory.path, "\(number)"]
        process.environment = Self.environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        try output.fileHandleForWriting.close()
        var data = Data()
        if let milliseconds {
            data = output.fileHandleForReading.availableData
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
            kill(process.processIdentifier, SIGKILL)
        }
        data += try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        if milliseconds != nil { #expect(process.terminationReason == .uncaughtSignal) }
        let text = String(decoding: data, as: UTF8.self)
        // A line that was cut short is not a line.
        return text.split(separator: "\n").map(String.init)
    }

    /// How many milliseconds the writer takes from its first word until it has said one that begins with `word`.
    private func duration(_ mode: String, until word: String) throws -> Int {
        let process = Process()
        process.executableURL = Self.writer
        process.arguments = [mode, directory.path, "0"]
        process.environment = Self.environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        try output.fileHandleForWriting.close()
        var said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let start = ContinuousClock.now
        while !said.contains(word) {
            let piece = output.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "the writer ended before \(word): \(said)")
            said += String(decoding: piece, as: UTF8.self)
        }
        let taken = ContinuousClock.now - start
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return Int(taken / .milliseconds(1)) + 1
    }

    private static func checkValue(_ secret: DigestSecret) -> UInt64 {
        RecipientKey(kind: .external, normalised: Array("crash test".utf8).span, secret: secret).low
    }

    private struct Opened {
        let secret: DigestSecret
        let index: SuppressionIndex
        let lists: ListStore

        func channels(_ number: String) throws -> ChannelSet {
            try index.state(of: CanonicalIdentifier(parsing: number, rules: .standard).keys(secret: secret)[0]).blocked
        }
    }

    private func open() throws -> Opened {
        let secret = try #require(DigestSecret(Array(try Data(contentsOf: URL(fileURLWithPath: paths.secretFile)))))
        let index = try SuppressionIndex(directory: paths.indexDirectory, secretID: Self.checkValue(secret))
        #expect(index.startup == .none || index.startup == .opened(ledgerPosition: index.ledgerPosition), "no damage")
        let lists = try ListStore(directory: paths.listsDirectory, index: index, secret: secret, rules: .standard)
        try lists.reconcile()
        index.markReady()
        return Opened(secret: secret, index: index, lists: lists)
    }

    /// Which of the three versions is in force, all of it and nothing else.
    private func version(_ opened: Opened) throws -> Int? {
        try opened.lists.verify()
        try opened.index.verify()
        let own = try (0..<3).map { version in
            let held = try (0..<2000).count { try opened.channels(number(10_000 * (version + 1) + $0)) == .phoneMessages }
            #expect(held == 0 || held == 2000, "half a version: \(held) of \(version)")
            return held == 2000
        }
        #expect(own.count { $0 } <= 1)
        guard let version = own.firstIndex(of: true) else { return nil }
        for i in stride(from: 0, to: 4000, by: 7) { #expect(try opened.channels(number(i)) == .phoneMessages) }
        return version
    }

    private func random(_ seed: UInt64) -> SeededGenerator { SeededGenerator(seed: seed &+ UInt64(Self.rounds)) }

    @Test func killedWhileLoadingTheOldOrTheNewListIsInForce() throws {
        var random = random(1), next = 0
        for round in 0..<Self.rounds {
            let said = try run("lists", next, killedAfter: Int.random(in: 0..<150, using: &random))
            let begun = said.last { $0.hasPrefix("begin ") }.flatMap { Int($0.dropFirst(6)) }
            let done = said.last { $0.hasPrefix("done ") }.flatMap { Int($0.dropFirst(5)) } ?? next - 1
            let found = try version(try open())
            let allowed = [done, begun ?? done].map { $0 < 0 ? nil : $0 % 3 }
            #expect(allowed.contains(found), "round \(round): \(String(describing: found)) in force after \(said.suffix(3))")
            next = (found ?? -1) + 1
            let left = ListStore.files(directory.file("lists")).count
            #expect(left <= 2, "unfinished versions are removed")
        }
    }

    @Test func killedWhileCompactingNothingCompactedIsLost() throws {
        _ = try open().lists.load("l", file: directory.file("1.csv"), options: phones)
        var random = random(2)
        for _ in 0..<Self.rounds {
            let said = try run("compaction", 0, killedAfter: Int.random(in: 0..<120, using: &random))
            let promised = said.compactMap { $0.hasPrefix("compacted ") ? Int($0.dropFirst(10)) : nil }.max() ?? 0
            let opened = try open()
            let position = Int(opened.index.ledgerPosition)
            #expect(position >= promised)
            for i in 1..<position + 1 { #expect(try opened.channels("+1646\(2_000_000 + i)") == ChannelSet(.voice)) }
            #expect(try opened.channels("+1646\(2_000_000 + position + 1)") == [])
            #expect(try version(opened) == 1)
        }
    }

    @Test func killedWhileRotatingEveryoneStaysSuppressed() throws {
        do {
            let opened = try open()
            _ = try opened.lists.load("l", file: directory.file("2.csv"), options: phones)
            for i in 1...500 {
                let key = try CanonicalIdentifier(parsing: "+1646\(2_000_000 + i)", rules: .standard).keys(secret: opened.secret)[0]
                try opened.index.insert(key, ChannelSet(.voice), ledgerPosition: UInt64(i))
            }
            try opened.index.compact()
        }
        // A rotation takes long where the machine is slow; two of them are killed anywhere.
        let longest = try duration("rotation", until: "done") * 2
        _ = try SecretRotation.complete(paths)
        var random = random(3), secrets: Set<Data> = []
        for _ in 0..<Self.rounds {
            let said = try run("rotation", 0, killedAfter: Int.random(in: 0..<longest, using: &random))
            #expect(said.isEmpty == false)
            _ = try SecretRotation.complete(paths)
            #expect(!FileManager.default.fileExists(atPath: paths.workDirectory))
            secrets.insert(try Data(contentsOf: URL(fileURLWithPath: paths.secretFile)))
            let opened = try open()
            #expect(try version(opened) == 2 && opened.index.ledgerPosition == 500)
            for i in 1...500 { #expect(try opened.channels("+1646\(2_000_000 + i)") == ChannelSet(.voice)) }
        }
        #expect(secrets.count > 1, "the rounds did rotate")
    }

    /// No room for the sorted rows, the file of keys, the new snapshot: each is an error, the old version stays.
    @Test(arguments: [1, 1000, 65_536, 70_000, 131_072, 180_000, 200_000, 250_000, 300_000])
    func aFullDiskChangesNothing(_ bytes: Int) throws {
        _ = try open().lists.load("l", file: directory.file("0.csv"), options: phones)
        let before = try #require(try open().lists.describe().first)
        let said = try run("full", bytes, killedAfter: nil)
        #expect(said.count == 1 && said[0].hasPrefix("refused"), "\(said)")
        #expect(said[0].contains("errno \(EFBIG)"), "the cause is told: \(said)")
        let opened = try open()
        #expect(try version(opened) == 0 && opened.lists.describe() == [before])
        for folder in ["lists/l", "index"] {
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file(folder)).count == 1, "nothing is left in \(folder)")
        }
    }
}
