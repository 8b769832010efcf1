import Foundation
import Recipients
import Suppression
import Testing

@testable import Lists

/// A directory that goes with the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("stopgate-lists-" + UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path + "/index", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String = "in.csv") throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    /// gzip(1)'s own output, so that the decoder is held against the real thing.
    func gzip(_ path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-k", "-f", path]
        try process.run()
        process.waitUntilExit()
        return path + ".gz"
    }
}

/// An index with lists over it, and the questions that tests ask.
struct Installation {
    let index: SuppressionIndex
    let lists: ListStore
    let secret: DigestSecret

    init(_ directory: TemporaryDirectory, seed: UInt8 = 1, rules: NormalisationRules = .standard) throws {
        secret = try #require(DigestSecret([UInt8](repeating: seed, count: 16)))
        index = try SuppressionIndex(directory: directory.file("index"), secretID: UInt64(seed))
        lists = try ListStore(directory: directory.file("lists"), index: index, secret: secret, rules: rules)
        try lists.reconcile()
        index.markReady()
    }

    func keys(_ text: String) throws -> [RecipientKey] {
        try CanonicalIdentifier(parsing: text, rules: .standard).keys(secret: secret)
    }

    /// What a send to `text` is judged by.
    func blocked(_ text: String) throws -> ChannelSet {
        var normaliser = Normaliser(rules: .standard, secret: secret), found = CandidateKeys()
        let kind: IdentifierKind = text.contains("@") ? .email : .phone
        _ = try normaliser.keys(of: Array(text.utf8).span, kind: kind, into: &found)
        return found.indices.reduce(into: ChannelSet()) { $0.formUnion(index.state(of: found[$1]).blocked) }
    }
}

let phones = ListOptions(kind: .phone, channels: .phoneMessages, reason: "dnc")
let mails = ListOptions(kind: .email, channels: ChannelSet(.email), reason: "crm")

extension ListOptions {
    func with(_ change: (inout ListOptions) -> Void) -> ListOptions {
        var options = self
        change(&options)
        return options
    }
}

/// `count` phone numbers from the `first`th on, one a line.
func numbers(_ first: Int, _ count: Int) -> String { (first..<first + count).map { "+1415\(2_000_000 + $0)\n" }.joined() }
func number(_ i: Int) -> String { "+1415\(2_000_000 + i)" }
