import Recipients
@testable import Suppression
import Testing
import TestSupport

@Suite struct RebuildTests {
    private func index(_ directory: TemporaryDirectory) throws -> (SuppressionIndex, SuppressionReader) {
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        return (index, try index.makeReader())
    }

    /// Enough rows that partitions go to disk, in random order, each key up to three times.
    @Test func takesRowsInAnyOrder() throws {
        let directory = TemporaryDirectory()
        let (index, reader) = try index(directory)
        let rebuild = try index.beginRebuild(.everything)
        var random = SeededGenerator(seed: 31)
        var model: [RecipientKey: ChannelSet] = [:]
        let rows = 2_300_000
        for _ in 0..<rows {
            let key = key(Int(random.next() % 900_000))
            let channels = random.channels()
            try rebuild.add(key, channels, source: random.next() & 1 == 0 ? .event : .list)
            model[key, default: []].formUnion(channels)
        }
        #expect(rebuild.count >= rows * 99 / 100)
        try rebuild.commit(ledgerPosition: 5)
        var wrong = 0
        for (key, channels) in model where reader.blockedChannels(key) != channels { wrong += 1 }
        for i in 900_000..<1_900_000 where !reader.blockedChannels(key(i)).isEmpty { wrong += 1 }
        #expect(wrong == 0)
        #expect(index.ledgerPosition == 5)
        #expect(directory.names == ["index.snapshot"])
        #expect(index.statistics.keys == model.count { !$0.value.isEmpty })
        try index.verify()
    }

    @Test func replacesListsAndKeepsEvents() throws {
        let directory = TemporaryDirectory()
        let (index, reader) = try index(directory)
        let sms = ChannelSet(.sms)
        for i in 0..<1_000 { try index.insert(key(i), sms, source: .event, ledgerPosition: 1) }
        for i in 500..<2_000 { try index.insert(key(i), .all, source: .list, ledgerPosition: 1) }
        try index.compact()
        try index.remove(key(0), ledgerPosition: 2)
        try index.insert(key(3_000), .all, source: .list, ledgerPosition: 2)
        let rebuild = try index.beginRebuild(.lists)
        #expect(throws: SuppressionError.outOfScope) { try rebuild.add(key(1), .all, source: .event) }
        #expect(throws: SuppressionError.busy) { try index.compact() }
        for i in 900..<1_500 { try rebuild.add(key(i), ChannelSet(.voice), source: .list) }
        // While it is built: the old answers, and changes that must stay.
        try index.insert(key(4_000), sms, source: .event, ledgerPosition: 3)
        try index.remove(key(1), ledgerPosition: 3)
        #expect(reader.blockedChannels(key(1_600)) == .all)
        let version = reader.version
        try rebuild.commit(ledgerPosition: 0)
        #expect(reader.version != version)
        func check() {
            #expect(reader.blockedChannels(key(0)).isEmpty)
            #expect(reader.blockedChannels(key(1)).isEmpty)
            #expect(reader.blockedChannels(key(2)) == sms)
            #expect(reader.blockedChannels(key(600)) == sms)
            #expect(reader.blockedChannels(key(950)) == [sms, ChannelSet(.voice)])
            #expect(reader.blockedChannels(key(1_200)) == ChannelSet(.voice))
            #expect(reader.blockedChannels(key(1_600)).isEmpty)
            #expect(reader.blockedChannels(key(3_000)).isEmpty)
            #expect(reader.blockedChannels(key(4_000)) == sms)
        }
        check()
        try index.compact()
        check()
        #expect(index.ledgerPosition == 3)
    }

    @Test func staleRowsAreRefused() throws {
        let directory = TemporaryDirectory()
        let (index, reader) = try index(directory)
        try index.insert(key(1), .all, ledgerPosition: 9)
        let rebuild = try index.beginRebuild(.everything)
        #expect(rebuild.ledgerPosition == 9)
        #expect(throws: SuppressionError.staleRows(needed: 9, found: 8)) { try rebuild.commit(ledgerPosition: 8) }
        #expect(throws: SuppressionError.rebuildEnded) { try rebuild.commit(ledgerPosition: 9) }
        #expect(reader.blockedChannels(key(1)) == .all)
        try index.compact()
        #expect(reader.blockedChannels(key(1)) == .all)
    }

    @Test func cancelledOrForgottenRebuildsChangeNothing() throws {
        let directory = TemporaryDirectory()
        let (index, reader) = try index(directory)
        try index.insert(key(1), .all, ledgerPosition: 1)
        let rebuild = try index.beginRebuild(.everything)
        try index.insert(key(2), .all, ledgerPosition: 2)
        rebuild.cancel()
        #expect(throws: SuppressionError.rebuildEnded) { try rebuild.add(key(3), .all, source: .event) }
        _ = try index.beginRebuild(.lists)
        try index.compact()
        #expect(reader.blockedChannels(key(1)) == .all)
        #expect(reader.blockedChannels(key(2)) == .all)
        #expect(reader.blockedChannels(key(3)).isEmpty)
    }

    @Test func anEmptyRebuildEmptiesTheIndex() throws {
        let directory = TemporaryDirectory()
        let (index, reader) = try index(directory)
        for i in 0..<100 { try index.insert(key(i), .all, ledgerPosition: 1) }
        try index.compact()
        try index.beginRebuild(.everything).commit(ledgerPosition: 1)
        for i in 0..<100 { #expect(reader.blockedChannels(key(i)).isEmpty) }
        try index.insert(key(7), .all, ledgerPosition: 2)
        try index.compact()
        #expect(reader.blockedChannels(key(7)) == .all)
    }
}
