import Recipients
import Suppression
import Testing
import TestSupport

/// The index against a dictionary, over generated operations.
@Suite struct DifferentialTests {
    private struct Model {
        var states: [RecipientKey: [SuppressionSource: ChannelSet]] = [:]

        subscript(key: RecipientKey, source: SuppressionSource) -> ChannelSet {
            get { states[key]?[source] ?? [] }
            set { states[key, default: [:]][source] = newValue }
        }

        func blocked(_ key: RecipientKey) -> ChannelSet { self[key, .event].union(self[key, .list]) }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func aMillionOperations(seed: UInt64) throws {
        let directory = TemporaryDirectory()
        var index = try SuppressionIndex(directory: directory.path, secretID: 7)
        index.markReady()
        var reader = try index.makeReader()
        var random = SeededGenerator(seed: seed)
        var model = Model()
        var position: UInt64 = 0
        var compactions = 0
        var reopenings = 0
        for step in 0..<1_000_000 {
            position += 1
            // A small range of keys in one run, so that keys meet often; a large one in the other.
            let key = key(Int(random.next() % (seed == 1 ? 20_000 : 400_000)))
            let source: SuppressionSource = random.next() % 3 == 0 ? .list : .event
            let channels = random.channels()
            switch random.next() % 8 {
            case 0, 1, 2:
                try index.insert(key, channels, source: source, ledgerPosition: position)
                model[key, source].formUnion(channels)
            case 3:
                try index.remove(key, channels, source: source, ledgerPosition: position)
                model[key, source].subtract(channels)
            case 4:
                try index.remove(key, source: source, ledgerPosition: position)
                model[key, source] = []
            case 5:
                try index.apply(SuppressionChange(key: key, source: source, channels: channels), ledgerPosition: position)
                model[key, source] = channels
            default:
                break
            }
            guard reader.blockedChannels(key) == model.blocked(key) else {
                Issue.record("seed \(seed), step \(step): \(reader.blockedChannels(key)) instead of \(model.blocked(key))")
                return
            }
            if random.next() % 125_000 == 0 || step == 500_000 {
                try index.compact()
                compactions += 1
                #expect(index.statistics.changes == 0)
            }
            if step == 700_000 {
                // Without a compaction the delta would be gone: the ledger has it, the test has no ledger.
                try index.compact()
                let before = index.ledgerPosition
                (reader, index) = try reopen(directory, dropping: consume index, consume reader)
                #expect(index.ledgerPosition == before)
                reopenings += 1
            }
            reader.quiesce()
        }
        #expect(compactions > 0 && reopenings == 1)
        try compareAll(index, reader, model)
        try index.compact()
        try compareAll(index, reader, model)
    }

    private func reopen(
        _ directory: TemporaryDirectory, dropping index: consuming SuppressionIndex, _ reader: consuming SuppressionReader
    ) throws -> (SuppressionReader, SuppressionIndex) {
        _ = consume reader
        _ = consume index
        let index = try SuppressionIndex(directory: directory.path, secretID: 7)
        index.markReady()
        return (try index.makeReader(), index)
    }

    private func compareAll(_ index: SuppressionIndex, _ reader: SuppressionReader, _ model: Model) throws {
        var wrong = 0
        for (key, states) in model.states {
            let state = index.state(of: key)
            if reader.blockedChannels(key) != model.blocked(key) { wrong += 1 }
            if state.event != states[.event] ?? [] || state.list != states[.list] ?? [] { wrong += 1 }
        }
        var random = SeededGenerator(seed: 99)
        for _ in 0..<1_000_000 where !reader.blockedChannels(random.key()).isEmpty { wrong += 1 }
        #expect(wrong == 0)
    }
}
