import Foundation
import Recipients
import Suppression
import Testing

@testable import Lists

@Suite struct RotationTests {
    let directory: TemporaryDirectory
    let paths: SecretRotation.Paths

    init() throws {
        directory = try TemporaryDirectory()
        let path = directory.path
        paths = SecretRotation.Paths(
            secretFile: path + "/secret", indexDirectory: path + "/index", listsDirectory: path + "/lists", workDirectory: path + "/rotation")
        try Data(repeating: 1, count: 16).write(to: URL(fileURLWithPath: paths.secretFile))
    }

    private func make() throws -> Installation {
        let one = try Installation(directory)
        _ = try one.lists.load("a", file: directory.write(numbers(0, 300), to: "a.csv"), options: phones)
        _ = try one.lists.load("b", file: directory.write(numbers(200, 300), to: "b.csv"), options: phones.with { $0.channels = ChannelSet(.voice) })
        return one
    }

    private func prepare(
        _ one: Installation, sources: [String: String] = [:], dropping: Set<String> = [], events: [String] = []
    ) throws -> SecretRotation.NewSecret {
        let secret = SecretRotation.NewSecret { RecipientKey(kind: .external, normalised: [1].span, secret: $0).low }
        try SecretRotation.prepare(
            paths, secret: secret, lists: one.lists, rules: .standard, sources: sources, dropping: dropping,
            events: { secret, rebuild in
                for text in events {
                    for key in try CanonicalIdentifier(parsing: text, rules: .standard).keys(secret: secret) { try rebuild.add(key, .all, source: .event) }
                }
                return 9
            })
        return secret
    }

    /// What is blocked under `secret`, opened afresh.
    private func blocked(_ secret: SecretRotation.NewSecret, _ texts: [String]) throws -> [ChannelSet] {
        let index = try SuppressionIndex(directory: paths.indexDirectory, secretID: secret.id)
        let lists = try ListStore(directory: paths.listsDirectory, index: index, secret: secret.digest, rules: .standard)
        #expect(try lists.reconcile() == false && index.ledgerPosition == 9)
        return try texts.map { index.state(of: try CanonicalIdentifier(parsing: $0, rules: .standard).keys(secret: secret.digest)[0]).blocked }
    }

    @Test func everythingMovesToTheNewSecret() throws {
        let secret: SecretRotation.NewSecret
        do {
            let one = try make()
            secret = try prepare(one, events: ["ada@example.com"])
            #expect(try one.blocked(number(5)) == .phoneMessages, "the old one goes on")
            #expect(SecretRotation.isPrepared(paths))
            #expect(throws: SuppressionError.self, "not while it runs") { try SecretRotation.complete(paths) }
        }
        #expect(try SecretRotation.complete(paths) == .completed && SecretRotation.complete(paths) == .none)
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: paths.secretFile))) == secret.bytes)
        let expected: [ChannelSet] = [.phoneMessages, .phoneMessages.union(ChannelSet(.voice)), ChannelSet(.voice), .all, []]
        #expect(try blocked(secret, [number(5), number(250), number(450), "ada@example.com", number(900)]) == expected)
        #expect(!FileManager.default.fileExists(atPath: paths.workDirectory))
        #expect(throws: SuppressionError.self, "the old secret opens nothing") { try SuppressionIndex(directory: paths.indexDirectory, secretID: 1) }
    }

    @Test func aListWithoutItsSourceStopsTheRotationUnlessItIsDropped() throws {
        let one = try make()
        let moved = directory.file("moved.csv")
        try FileManager.default.moveItem(atPath: directory.file("a.csv"), toPath: moved)
        _ = try directory.write(numbers(200, 301), to: "b.csv")
        do {
            _ = try prepare(one)
            #expect(Bool(false))
        } catch ListFailure.missingSources(let lines) {
            #expect(lines.count == 2 && lines[0].hasPrefix("a: there is no file") && lines[1].contains("SHA-256"))
        }
        #expect(throws: ListFailure.unknownList("c")) { try prepare(one, dropping: ["c"]) }
        #expect(throws: ListFailure.unknownList("c")) { try prepare(one, sources: ["c": moved]) }
        #expect(!SecretRotation.isPrepared(paths))
        _ = try prepare(one, sources: ["a": moved], dropping: ["b"])
        #expect(SecretRotation.isPrepared(paths))
    }

    @Test func listsThatChangeAfterwardsMakeItVoid() throws {
        do {
            let one = try make()
            _ = try prepare(one)
            try one.lists.remove("b")
        }
        guard case .discarded(let cause) = try SecretRotation.complete(paths) else { return #expect(Bool(false)) }
        #expect(cause.contains("lists have changed"))
        #expect(try Installation(directory).blocked(number(5)) == .phoneMessages)
    }

    @Test(arguments: ["secret", "index/index.snapshot", "lists/manifest.json", "lists/a", "prepared.json"])
    func whatIsDamagedIsNotMovedTo(_ part: String) throws {
        do { _ = try prepare(try make()) }
        var path = paths.workDirectory + "/" + part
        if part == "lists/a" { path += "/" + (try #require(FileManager.default.contentsOfDirectory(atPath: path).first)) }
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        if part == "secret" { data.removeLast() } else { data[data.count / 2] ^= 1 }
        try data.write(to: URL(fileURLWithPath: path))
        let outcome = try SecretRotation.complete(paths)
        // The middle of a snapshot's or list's file may be padding, which a checksum covers all the same.
        guard case .discarded = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(try Installation(directory).blocked(number(5)) == .phoneMessages)
    }

    /// Stops after each step of the exchange, as a crash would, and goes on from there.
    @Test func anExchangeIsFinishedFromEveryStep() throws {
        for step in 0..<5 {
            let part = try RotationTests()
            let secret: SecretRotation.NewSecret
            do { secret = try part.prepare(try part.make()) }
            let (paths, manager) = (part.paths, FileManager.default)
            try manager.moveItem(atPath: paths.prepared, toPath: paths.exchanging)
            if step > 0 { try DurableFile.rename(paths.newIndex + "/index.snapshot", to: paths.indexDirectory + "/index.snapshot") }
            if step > 1 { try manager.moveItem(atPath: paths.listsDirectory, toPath: paths.oldLists) }
            if step > 2 { try manager.moveItem(atPath: paths.newLists, toPath: paths.listsDirectory) }
            if step > 0 { #expect(throws: (any Error).self, "step \(step): half an exchange opens nothing") { try Installation(part.directory) } }
            if step > 3 { try DurableFile.rename(paths.newSecret, to: paths.secretFile) }
            #expect(throws: (any Error).self) { try SecretRotation.discard(paths) }
            #expect(try SecretRotation.complete(paths) == .completed)
            #expect(try part.blocked(secret, [number(5), number(450), number(900)]) == [.phoneMessages, ChannelSet(.voice), []])
        }
    }

    @Test func anUnfinishedPreparationIsRemoved() throws {
        do { _ = try make() }
        try FileManager.default.createDirectory(atPath: paths.newIndex, withIntermediateDirectories: true)
        try Data(repeating: 4, count: 16).write(to: URL(fileURLWithPath: paths.newSecret))
        guard case .discarded = try SecretRotation.complete(paths) else { return #expect(Bool(false)) }
        #expect(try SecretRotation.complete(paths) == .none && Installation(directory).blocked(number(5)) == .phoneMessages)
    }
}
