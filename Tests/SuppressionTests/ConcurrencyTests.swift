import Glibc
import Recipients
@testable import Suppression
import Synchronization
import Testing
import TestSupport

/// One writer, two readers and a compactor at once.
@Suite(.serialized) struct ConcurrencyTests {
    /// What the threads share beside the index.
    private final class Board: Sendable {
        let acknowledged = Atomic<Int>(0)
        let stop = Atomic<Bool>(false)
        let violations = Atomic<Int>(0)
        let lookups = Atomic<Int>(0)
        let compactions = Atomic<Int>(0)
    }

    /// Once a change is acknowledged, no reader misses it, through table growth and compactions; and what a reader reads as the
    /// ledger position is in its next answers.
    @Test func noAcknowledgedChangeIsMissed() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        let board = Board()
        let keys = (0..<40_000).map(key)
        var threads: [Thread] = []
        for seed in 0..<2 as Range<UInt64> {
            threads.append(
                Thread {
                    guard let reader = try? index.makeReader() else { return }
                    var random = SeededGenerator(seed: seed)
                    var lookups = 0
                    while !board.stop.load(ordering: .acquiring) {
                        let position = Int(reader.ledgerPosition)
                        let known = max(board.acknowledged.load(ordering: .acquiring), position)
                        if known > 0 {
                            // The newest, and any of the older ones.
                            for i in [known - 1, Int(random.next() % UInt64(known))]
                            where reader.blockedChannels(keys[i]) != expected(i) {
                                board.violations.add(1, ordering: .relaxed)
                            }
                        }
                        if !reader.blockedChannels(random.key()).isEmpty { board.violations.add(1, ordering: .relaxed) }
                        lookups += 3
                        if lookups % 300 == 0 { reader.quiesce() }
                        if lookups % 30_000 == 0 {
                            reader.park()
                            reader.unpark()
                        }
                    }
                    board.lookups.add(lookups, ordering: .relaxed)
                })
        }
        threads.append(
            Thread {
                while !board.stop.load(ordering: .acquiring) {
                    if (try? index.compact()) != nil { board.compactions.add(1, ordering: .relaxed) }
                }
            })
        for i in keys.indices {
            try index.insert(keys[i], expected(i), ledgerPosition: UInt64(i + 1))
            board.acknowledged.store(i + 1, ordering: .releasing)
        }
        while board.compactions.load(ordering: .relaxed) < 3 { usleep(1000) }
        board.stop.store(true, ordering: .releasing)
        for thread in threads { thread.join() }
        #expect(board.violations.load(ordering: .acquiring) == 0)
        #expect(board.lookups.load(ordering: .acquiring) > 1_000)
        #expect(index.reclaim() == 0, "the readers are gone, so nothing may be held")
    }

    /// A key that goes between two states is never seen in a third.
    @Test func changesAreSeenWhole() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        let board = Board()
        let one: ChannelSet = [ChannelSet(.sms), ChannelSet(.email), ChannelSet(.mail)]
        let other: ChannelSet = [ChannelSet(.voice), ChannelSet(.push)]
        try index.insert(key(1), one, ledgerPosition: 1)
        let threads = (0..<2).map { _ in
            Thread {
                guard let reader = try? index.makeReader() else { return }
                var seen = 0
                while !board.stop.load(ordering: .acquiring) {
                    let channels = reader.blockedChannels(key(1))
                    if channels != one && channels != other { board.violations.add(1, ordering: .relaxed) }
                    seen += 1
                    reader.quiesce()
                }
                board.lookups.add(seen, ordering: .relaxed)
            }
        }
        let noise = Thread {
            var i = 100
            while !board.stop.load(ordering: .acquiring) {
                try? index.insert(key(i), .all, ledgerPosition: 1)
                i += 1
                if i % 5_000 == 0 { try? index.compact() }
            }
        }
        for i in 0..<200_000 {
            try index.apply(.init(key: key(1), channels: i & 1 == 0 ? other : one), ledgerPosition: 2)
        }
        board.stop.store(true, ordering: .releasing)
        for thread in threads + [noise] { thread.join() }
        #expect(board.violations.load(ordering: .acquiring) == 0)
        #expect(board.lookups.load(ordering: .acquiring) > 1_000)
    }

    /// A reader that does not pass a quiescent point holds what it may be looking at; one that is parked does not.
    @Test func memoryWaitsForItsReaders() throws {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        let reader = try index.makeReader()
        for i in 0..<1_000 { try index.insert(key(i), .all, ledgerPosition: 1) }
        try index.compact()
        #expect(index.reclaim() > 0)
        reader.quiesce()
        #expect(index.reclaim() == 0)
        reader.park()
        try index.compact()
        #expect(index.reclaim() == 0)
        reader.unpark()
        #expect(reader.blockedChannels(key(5)) == .all)
        try index.compact()
        #expect(index.reclaim() > 0)
        reader.quiesce()
        #expect(index.reclaim() == 0)
    }
}

private func expected(_ i: Int) -> ChannelSet { ChannelSet(rawValue: UInt16(i % 255 + 1)) }
