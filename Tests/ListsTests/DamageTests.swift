import Foundation
import Recipients
import Suppression
import Testing
import TestSupport

@testable import Lists

@Suite struct DamageTests {
    /// Opens what lies in `directory` and says whether the list is in force, or that the opening was refused.
    private func outcome(_ directory: TemporaryDirectory, rebuilding: Bool) -> String {
        do {
            if rebuilding { try? FileManager.default.removeItem(atPath: directory.file("index/index.snapshot")) }
            let one = try Installation(directory)
            try one.lists.verify()
            return try one.blocked(number(77)) == .phoneMessages && one.blocked(number(9999)) == [] ? "whole" : "wrong"
        } catch {
            return "refused"
        }
    }

    @Test func everyFlippedBitOfAListIsNoticed() throws {
        let directory = try TemporaryDirectory()
        do {
            let one = try Installation(directory)
            _ = try one.lists.load("l", file: directory.write(numbers(0, 5000)), options: phones)
        }
        let name = try #require(ListStore.files(directory.file("lists")).first)
        let path = URL(fileURLWithPath: directory.file("lists/\(name).keys"))
        let sound = try Data(contentsOf: path)
        var random = SeededGenerator(seed: 11)
        for round in 0..<150 {
            var bytes = sound
            // Every part is hit: the header's fields and description, the keys, the checksums.
            let place = round < 40 ? round * 40 : Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try bytes.write(to: path)
            #expect(outcome(directory, rebuilding: round % 2 == 0) == "refused", "byte \(place)")
        }
        for length in [0, 1, 100, 65_535, 65_536, 70_000, sound.count - 1] {
            try sound.prefix(length).write(to: path)
            #expect(outcome(directory, rebuilding: true) == "refused", "\(length) bytes")
        }
        try (sound + [0]).write(to: path)
        #expect(outcome(directory, rebuilding: true) == "refused")
        try sound.write(to: path)
        #expect(outcome(directory, rebuilding: true) == "whole")
        try FileManager.default.removeItem(at: path)
        #expect(outcome(directory, rebuilding: true) == "refused")
    }

    @Test func everyFlippedBitOfTheManifestIsNoticed() throws {
        let directory = try TemporaryDirectory()
        do {
            let one = try Installation(directory)
            for name in ["a", "b"] { _ = try one.lists.load(name, file: directory.write(numbers(0, 500)), options: phones) }
        }
        let path = URL(fileURLWithPath: directory.file("lists/manifest.json"))
        let sound = try Data(contentsOf: path)
        for place in sound.indices {
            var bytes = sound
            bytes[place] ^= 1 << UInt8(place % 8)
            try bytes.write(to: path)
            #expect(outcome(directory, rebuilding: false) == "refused", "byte \(place)")
        }
        for length in stride(from: 0, to: sound.count, by: 13) {
            try sound.prefix(length).write(to: path)
            #expect(outcome(directory, rebuilding: false) == "refused", "\(length) bytes")
        }
        try FileManager.default.removeItem(at: path)
        #expect(outcome(directory, rebuilding: false) == "refused", "list files without a manifest are no new start")
        try sound.write(to: path)
        #expect(outcome(directory, rebuilding: false) == "whole")
        try FileManager.default.removeItem(atPath: directory.file("lists"))
        #expect(outcome(directory, rebuilding: false) == "refused", "lists that are gone are no new start")
    }

    /// A gate does not start with a broken list; whoever mends it may open the rest, and no send is judged before all are mended.
    @Test func brokenListsAreLoadedAgainOrRemoved() throws {
        let directory = try TemporaryDirectory()
        do {
            let one = try Installation(directory)
            for name in ["a", "b", "c"] { _ = try one.lists.load(name, file: directory.write(numbers(0, 500), to: name + ".csv"), options: phones) }
        }
        for name in ListStore.files(directory.file("lists")) where !name.hasPrefix("c") {
            let path = URL(fileURLWithPath: directory.file("lists/\(name).keys"))
            try Data(contentsOf: path).prefix(1000).write(to: path)
        }
        #expect(throws: ListFailure.self) { try Installation(directory) }
        let secret = try #require(DigestSecret([UInt8](repeating: 1, count: 16)))
        do {
            let index = try SuppressionIndex(directory: directory.file("index"), secretID: 1)
            let lists = try ListStore(directory: directory.file("lists"), index: index, secret: secret, rules: .standard, allowsBroken: true)
            #expect(try lists.problems.count == 2 && lists.describe().map(\.version.name) == ["c"])
            #expect(throws: ListFailure.self) { try lists.verify() }
            guard case .loaded(_, nil) = try lists.load("a", file: directory.file("a.csv"), options: phones) else { throw ListFailure.busy }
            #expect(lists.problems.count == 1)
        }
        #expect(throws: ListFailure.self, "one is still broken") { try Installation(directory) }
        do {
            let index = try SuppressionIndex(directory: directory.file("index"), secretID: 1)
            let lists = try ListStore(directory: directory.file("lists"), index: index, secret: secret, rules: .standard, allowsBroken: true)
            try lists.remove("b")
            #expect(lists.problems.isEmpty)
        }
        let one = try Installation(directory)
        try one.lists.verify()
        #expect(try one.lists.describe().map(\.version.name) == ["a", "c"] && one.blocked(number(77)) == .phoneMessages)
        let held = try ListStore.lists(in: directory.file("lists"), secretID: 1, holding: one.keys(number(77)))
        #expect(held.map(\.name) == ["a", "c"])
        #expect(try ListStore.lists(in: directory.file("lists"), secretID: 1, holding: one.keys(number(777))) == [])
        #expect(throws: ListFailure.self) { try ListStore.lists(in: directory.file("lists"), secretID: 2, holding: one.keys(number(77))) }
    }

    /// The two halves of a change, cut apart at each place where a crash may fall.
    @Test func aCrashBetweenIndexAndManifestGoesBackToTheManifest() throws {
        let directory = try TemporaryDirectory()
        let old: Data
        let path = URL(fileURLWithPath: directory.file("lists/manifest.json"))
        do {
            let one = try Installation(directory)
            _ = try one.lists.load("l", file: directory.write(numbers(0, 500)), options: phones)
            old = try Data(contentsOf: path)
            _ = try one.lists.load("l", file: directory.write(numbers(100, 500)), options: phones)
        }
        // The index moved, the new file is there, the manifest is the old one.
        try old.write(to: path)
        do {
            let one = try Installation(directory)
            #expect(try one.blocked(number(50)) == .phoneMessages && one.blocked(number(550)) == [])
            #expect(ListStore.files(directory.file("lists")).count == 1, "what nothing names is removed")
            try one.lists.verify()
        }
        // An unfinished file and an unfinished manifest are nothing.
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: directory.file("lists/l/000009-00000000.keys.tmp")))
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path.path + ".tmp"))
        _ = try Installation(directory)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("lists")).sorted() == ["l", "manifest.json"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("lists/l")).count == 1)
    }
}
