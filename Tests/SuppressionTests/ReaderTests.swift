import AllocationCounter
import Recipients
@testable import Suppression
import Testing
import TestSupport

@Suite struct ReaderTests {
    @Test func blocksEverythingUntilReady() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        #expect(index.startup == .none)
        let reader = try index.makeReader()
        #expect(!reader.isReady && !index.isReady)
        #expect(reader.blockedChannels(key(1)) == .all)
        let version = reader.version
        index.markReady()
        #expect(reader.isReady && index.isReady)
        #expect(reader.blockedChannels(key(1)).isEmpty)
        #expect(reader.version != version)
    }

    @Test func sourcesAreApart() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        let reader = try index.makeReader()
        let sms = ChannelSet(.sms)
        let voice = ChannelSet(.voice)
        try index.insert(key(1), sms, source: .event, ledgerPosition: 1)
        try index.insert(key(1), voice, source: .list, ledgerPosition: 2)
        for _ in 0..<2 {
            #expect(reader.blockedChannels(key(1)) == sms.union(voice))
            #expect(index.state(of: key(1)).event == sms)
            #expect(index.state(of: key(1)).list == voice)
            try index.compact()
        }
        try index.remove(key(1), source: .event, ledgerPosition: 3)
        for _ in 0..<2 {
            #expect(reader.blockedChannels(key(1)) == voice)
            #expect(index.state(of: key(1)).event.isEmpty)
            try index.compact()
        }
        try index.remove(key(1), source: .list, ledgerPosition: 4)
        for _ in 0..<2 {
            #expect(reader.blockedChannels(key(1)).isEmpty)
            try index.compact()
        }
        #expect(index.ledgerPosition == 4)
    }

    @Test func versionAndPositionMoveWithEveryChange() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        let reader = try index.makeReader()
        var version = reader.version
        for i in 1...100 {
            try index.insert(key(i), .all, ledgerPosition: UInt64(i))
            #expect(reader.version > version)
            #expect(reader.ledgerPosition == UInt64(i))
            version = reader.version
        }
        index.advance(to: 50)
        #expect(reader.ledgerPosition == 100, "the position never goes back")
    }

    @Test func refusesChannelsItHasNoRoomFor() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        let change = SuppressionChange(key: key(1), channels: ChannelSet(rawValue: 0x100))
        #expect(throws: SuppressionError.unknownChannels(0x100)) { try index.apply(change, ledgerPosition: 1) }
        #expect(throws: SuppressionError.unknownChannels(0x100)) {
            try index.apply([SuppressionChange(key: key(2), channels: .all), change], ledgerPosition: 1)
        }
        #expect(index.state(of: key(2)).isEmpty, "a batch with a bad change changes nothing")
    }

    /// Every size around the batch's width, with members, strangers and changes mixed.
    @Test func batchesAnswerAsSingleLookups() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        var random = SeededGenerator(seed: 5)
        let rebuild = try index.beginRebuild(.everything)
        for i in 0..<5_000 { try rebuild.add(key(i), random.channels(), source: i % 2 == 0 ? .event : .list) }
        try rebuild.commit(ledgerPosition: 1)
        for i in 4_900..<5_100 { try index.apply(.init(key: key(i), channels: random.channels()), ledgerPosition: 2) }
        let reader = try index.makeReader()
        for size in [0, 1, 2, 31, 32, 33, 63, 64, 65, 1000] {
            let keys = (0..<size).map { _ in key(Int(random.next() % 10_000)) }
            var channels = [ChannelSet](repeating: .all, count: size)
            var answers = channels.mutableSpan
            reader.blockedChannels(of: keys.span, into: &answers)
            #expect(channels == keys.map(reader.blockedChannels))
        }
    }

    /// Keys that are no digests must cost time at most.
    @Test(arguments: [0, 1, 2])
    func countersAsKeysWork(shape: Int) throws {
        func make(_ i: UInt64) -> RecipientKey {
            switch shape {
            case 0: RecipientKey(low: i, high: 0)
            case 1: RecipientKey(low: 0, high: i)
            default: RecipientKey(low: i, high: i)
            }
        }
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        for i in 0..<5_000 as Range<UInt64> { try index.insert(make(2 * i), .all, ledgerPosition: i) }
        try index.compact()
        let reader = try index.makeReader()
        for i in 0..<5_000 as Range<UInt64> {
            #expect(reader.blockedChannels(make(2 * i)) == .all)
            #expect(reader.blockedChannels(make(2 * i + 1)).isEmpty)
        }
    }

    @Test(.enabled(if: allocation_counting_is_on())) func lookingUpAllocatesNothing() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        for i in 0..<2_000 { try index.insert(key(i), .all, ledgerPosition: 1) }
        try index.compact()
        for i in 2_000..<3_000 { try index.insert(key(i), .all, ledgerPosition: 1) }
        let reader = try index.makeReader()
        let keys = (0..<4_000).map(key)
        var channels = [ChannelSet](repeating: [], count: keys.count)
        var blocked = 0
        func round() {
            // An iterator of an array allocates in debug builds.
            var i = 0
            while i < keys.count {
                if reader.blockedChannels(keys[i]) == .all { blocked += 1 }
                i += 1
            }
            var answers = channels.mutableSpan
            reader.blockedChannels(of: keys.span, into: &answers)
            reader.quiesce()
            blocked += Int(reader.version & 0) + Int(reader.ledgerPosition & 0) + (reader.isReady ? 0 : 1)
        }
        round()
        let before = allocation_count()
        round()
        let after = allocation_count()
        #expect(after == before)
        #expect(blocked == 6_000)
    }

    @Test func readerSlotsAreGivenBack() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        for _ in 0..<3 {
            let readers = try (0..<SharedWords.readerLimit).map { _ in try index.makeReader() }
            #expect(throws: SuppressionError.tooManyReaders(limit: SharedWords.readerLimit)) { _ = try index.makeReader() }
            withExtendedLifetime(readers) {}
        }
    }

    /// The share of strangers that pass the filter is what BlockFilter.swift says.
    @Test func filterPassesAboutEightInAThousand() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        let rebuild = try index.beginRebuild(.everything)
        for i in 0..<100_000 { try rebuild.add(key(i), .all, source: .event) }
        try rebuild.commit(ledgerPosition: 1)
        let table = try #require(index.snapshot).table
        var random = SeededGenerator(seed: 11)
        var passed = 0
        for _ in 0..<1_000_000 where table.probe(KeyPosition(random.key())) != 0 { passed += 1 }
        #expect(passed > 5_000 && passed < 9_500, "\(passed) in a million")
        for i in 0..<100_000 where table.probe(KeyPosition(key(i))) == 0 { Issue.record("the filter denies member \(i)") }
    }

    @Test func positionsGiveBackTheKey() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<10_000 {
            let key = random.key()
            let place = KeyPosition(key)
            #expect(KeyPosition.key(position: place.position, fingerprint: place.fingerprint) == key)
        }
    }
}
