import Foundation
import Recipients
import Suppression
import Testing
import TestSupport

@testable import Lists

@Suite struct StoreTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ first: Int, _ count: Int) throws -> String { try directory.write(numbers(first, count), to: "\(first)-\(count).csv") }

    @Test func aVersionReplacesTheOneBeforeAndRollsBack() throws {
        let one = try Installation(directory)
        let (lists, index) = (one.lists, one.index)
        let event = try one.keys(number(1_000_000))[0], both = try one.keys(number(150))[0]
        try index.insert(event, ChannelSet(.voice), ledgerPosition: 1)
        try index.insert(both, ChannelSet(.voice), ledgerPosition: 2)
        guard case .loaded(let first, nil) = try lists.load("dnc", file: path(0, 200), options: phones) else { throw ListFailure.busy }
        guard case .unchanged(first) = try lists.load("dnc", file: path(0, 200), options: phones) else { throw ListFailure.busy }
        guard case .loaded(let second, first) = try lists.load("dnc", file: path(100, 200), options: phones) else { throw ListFailure.busy }
        #expect(first.id < second.id && second.rows == 200)
        func state() throws -> [ChannelSet] { try [50, 150, 250].map { try one.blocked(number($0)) } }
        let voice = ChannelSet(.voice)
        #expect(try state() == [[], .phoneMessages.union(voice), .phoneMessages])
        #expect(try lists.rollback("dnc") == first)
        #expect(try state() == [.phoneMessages, .phoneMessages.union(voice), []])
        #expect(try lists.rollback("dnc") == second)
        #expect(try lists.describe().map(\.version) == [second, first] && lists.describe().map(\.isCurrent) == [true, false])
        _ = try lists.load("other", file: path(0, 60), options: phones.with { $0.channels = voice })
        #expect(try one.blocked(number(50)) == voice)
        #expect(try lists.lists(holding: one.keys(number(50))).map(\.name) == ["other"])
        #expect(try lists.lists(holding: one.keys(number(150))).map(\.name) == ["dnc"])
        #expect(try lists.lists(holding: one.keys(number(999))) == [])
        try lists.remove("dnc")
        #expect(try state() == [voice, voice, []] && one.blocked(number(1_000_000)) == voice)
        #expect(index.ledgerPosition == 2)
        try lists.verify()
        try index.verify()
        // Made anew, it does not take the old versions for its own.
        guard case .loaded(_, nil) = try lists.load("dnc", file: path(100, 200), options: phones) else { throw ListFailure.busy }
    }

    @Test func otherOptionsAreAnotherVersion() throws {
        let one = try Installation(directory)
        let file = try path(0, 100)
        _ = try one.lists.load("l", file: file, options: phones)
        let wider = phones.with { $0.channels = .all }
        guard case .loaded = try one.lists.load("l", file: file, options: wider) else { throw ListFailure.busy }
        #expect(try one.blocked(number(5)) == .all)
        // A limit is of one load and changes nothing.
        guard case .unchanged = try one.lists.load("l", file: file, options: wider.with { $0.limits.rows = 1000 }) else { throw ListFailure.busy }
    }

    @Test func aRestartFindsEverything() throws {
        let described: [ListStore.Summary]
        do {
            let one = try Installation(directory)
            _ = try one.lists.load("a", file: path(0, 300), options: phones.with { $0.columns = [.number(1)]; $0.program = "news"; $0.region = Region("US") })
            _ = try one.lists.load("a", file: path(0, 400), options: phones)
            _ = try one.lists.load("b", file: directory.write("email\nada@example.com\n"), options: mails)
            described = try one.lists.describe()
        }
        let again = try Installation(directory)
        #expect(try again.lists.describe() == described && described.count == 3)
        #expect(try again.lists.reconcile() == false, "the index came back with the lists in it")
        #expect(try again.blocked("ada+x@example.com") == ChannelSet(.email) && again.blocked(number(399)) == .phoneMessages)
        #expect(try again.lists.rollback("a").options.region == Region("US"))
        #expect(try again.blocked(number(399)) == [])
    }

    @Test func otherRulesShowThatAListIsOutdated() throws {
        do {
            let one = try Installation(directory)
            _ = try one.lists.load("a", file: path(0, 300), options: phones)
            #expect(try one.lists.describe().map(\.isOutdated) == [false])
        }
        let again = try Installation(directory, rules: NormalisationRules(defaultRegions: ["GB"]))
        #expect(try again.lists.describe().map(\.isOutdated) == [true])
        guard case .loaded = try again.lists.load("a", file: path(0, 300), options: phones) else { throw ListFailure.busy }
        #expect(try again.lists.describe().map(\.isOutdated) == [false, true])
    }

    @Test func theIndexLostItsSnapshotAndGetsTheListsBack() throws {
        do {
            let one = try Installation(directory)
            _ = try one.lists.load("a", file: path(0, 300), options: phones)
        }
        try FileManager.default.removeItem(atPath: directory.file("index/index.snapshot"))
        let again = try Installation(directory)
        #expect(try again.blocked(number(299)) == .phoneMessages && again.index.listsID == again.lists.manifest.id)
        // A rebuild from the ledger knows nothing of lists and says so.
        let rebuild = try again.index.beginRebuild(.everything)
        try rebuild.commit(ledgerPosition: 7)
        #expect(try again.blocked(number(299)) == [] && again.lists.reconcile() && again.blocked(number(299)) == .phoneMessages)
        #expect(again.index.ledgerPosition == 7)
    }

    @Test func compactionKeepsTheListsName() throws {
        let one = try Installation(directory)
        _ = try one.lists.load("a", file: path(0, 300), options: phones)
        try one.index.insert(one.keys(number(9))[0], .all, ledgerPosition: 3)
        try one.index.compact()
        #expect(try one.lists.reconcile() == false && one.blocked(number(9)) == .all && one.blocked(number(8)) == .phoneMessages)
    }

    @Test func severalListsWithTheSameKeysAddUp() throws {
        let one = try Installation(directory)
        var random = SeededGenerator(seed: 3)
        var model = [ChannelSet](repeating: [], count: 3000)
        for (i, channel) in Channel.allCases.enumerated() {
            let members = (0..<3000).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
            for member in members { model[member].formUnion(ChannelSet(channel)) }
            let file = try directory.write((members + members.prefix(50)).shuffled(using: &random).map { number($0) + "\n" }.joined(), to: "m\(i)")
            guard case .loaded(let version, _) = try one.lists.load("m\(i)", file: file, options: phones.with { $0.channels = ChannelSet(channel) })
            else { throw ListFailure.busy }
            #expect(version.keys == members.count && version.rows == members.count + 50)
        }
        for (i, channels) in model.enumerated() { #expect(try one.blocked(number(i)) == channels) }
        #expect(try one.lists.lists(holding: one.keys(number(7))).reduce(into: ChannelSet()) { $0.formUnion($1.channels) } == model[7])
        try one.lists.verify()
    }

    /// Sends judged while a list is replaced see the old version or the new, and one that both hold is always blocked.
    @Test func readersSeeOneVersionOrTheOther() async throws {
        let one = try Installation(directory)
        _ = try one.lists.load("l", file: path(0, 3000), options: phones)
        let files = [try path(1000, 3000), try path(0, 3000)]
        let (kept, index, lists) = (try one.keys(number(2000))[0], one.index, one.lists)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                let reader = try index.makeReader()
                var misses = 0, looks = 0
                while looks < 100_000 {
                    if reader.blockedChannels(kept) != .phoneMessages { misses += 1 }
                    looks += 1
                    if looks % 1000 == 0 {
                        reader.quiesce()
                        await Task.yield()
                    }
                }
                return misses
            }
            group.addTask {
                for round in 0..<6 { _ = try lists.load("l", file: files[round % 2], options: phones) }
                return 0
            }
            for try await misses in group { #expect(misses == 0) }
        }
    }
}
