import Recipients
import Synchronization
import Testing
import TestSupport

@testable import Ledger

/// Tens of thousands of random operations: the tables kept one event at a time, the states told to the sink, the tables folded
/// afresh and a plain model must all say the same, all along the way.
@Suite struct FoldPropertyTests {
    private static func randomEvent(
        _ number: Int, _ links: inout [(Identifier, Identifier)], _ random: inout SeededGenerator
    ) -> PreferenceEvent {
        // Few identifiers and scopes, so that events meet.
        func identifier() -> Identifier {
            let index = Int.random(in: 0..<40, using: &random)
            return Identifier(kind: index % 3 == 0 ? .email : .phone, value: "i\(index)")
        }
        var subject = identifier()
        var other = identifier()
        while other == subject { other = identifier() }
        let action: EventAction =
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45: .optOut
            case 45..<75: .optIn
            case 75..<82: .removal
            case 82..<89: .link
            case 89..<97: .unlink
            default: .needsReview
            }
        // Mostly a link that exists, so that persons fall apart as often as they grow.
        if action == .unlink, let index = links.indices.randomElement(using: &random), Int.random(in: 0..<5, using: &random) > 0 {
            (subject, other) = links.remove(at: index)
        } else if action == .link {
            links.append((subject, other))
        }
        let scopes: [PreferenceScope] = [.everything, .program("a"), .program("b"), .purpose("marketing")]
        let methods: [EventSource.Method] = [.keyword, .letter, .api, .freeText]
        return event(
            // Sometimes an id comes twice.
            "e\(Int.random(in: 0..<50, using: &random) == 0 ? number / 2 : number)", action, subject, with: other,
            on: ChannelSet(rawValue: UInt16.random(in: 1...255, using: &random)), scope: scopes.randomElement(using: &random)!,
            reach: Bool.random(using: &random) ? .person : .identifier, method: methods.randomElement(using: &random)!,
            asked: Bool.random(using: &random) ? Int64.random(in: 1...2_000_000, using: &random) : nil)
    }

    /// What differs, and only that: a failure that can be read.
    private static func difference(_ a: [RecordingSink.Pair: ChannelSet], _ b: [RecordingSink.Pair: ChannelSet]) -> [String] {
        Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }
            .map { "\($0.identifier) \($0.scope): \(a[$0]?.rawValue ?? 0), expected \(b[$0]?.rawValue ?? 0)" }.sorted()
    }

    @Test(arguments: [1, 2] as [UInt64])
    func everyViewOfTheStateAgrees(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let clock = TestClock()
        let ledger = try PreferenceLedger(path: directory.ledger, now: { clock.tick() })
        let sink = RecordingSink()
        try ledger.attach(sink, after: 0)
        var model = PreferenceModel()
        var number = 0
        var links: [(Identifier, Identifier)] = []
        var folded = LedgerPosition(0)
        var checkpoint: (position: LedgerPosition, states: [RecordingSink.Pair: ChannelSet]) = (0, [:])
        while number < 5_000 {
            let batch = (0..<Int.random(in: 1...800, using: &random)).map { _ in
                number += 1
                return Self.randomEvent(number, &links, &random)
            }
            try ledger.append(contentsOf: batch, whenKnown: .keepFirst)
            for recorded in try ledger.events(after: folded, limit: 10_000) {
                model.apply(recorded)
                folded = recorded.position
            }
            let expected = model.effective()
            #expect(Self.difference(sink.states, expected) == [])
            #expect(Self.difference(try ledger.allSuppressions(), expected) == [])
            #expect(sink.position == folded)
            if Int.random(in: 0..<6, using: &random) == 0 {
                // An index built some time ago catches up from its position.
                let late = RecordingSink()
                late.apply(SuppressionChange(position: checkpoint.position, states: checkpoint.states.map {
                    EffectiveSuppression(identifier: $0.key.identifier, scope: $0.key.scope, channels: $0.value)
                }))
                try ledger.forEachChange(after: checkpoint.position) { late.apply($0) }
                #expect(Self.difference(late.states, expected) == [])
                checkpoint = (folded, expected)
            }
        }
        #expect(!sink.states.isEmpty)
        for (pair, channels) in sink.states.sorted(by: { $0.key.identifier.value < $1.key.identifier.value }).prefix(8) { #expect(try ledger.check(pair.identifier).blockedChannels(in: pair.scope) == channels) }
        #expect(try ledger.verify().problems == [])
        try ledger.rebuild()
        #expect(Self.difference(try ledger.allSuppressions(), model.effective()) == [])
        #expect(try ledger.verify().problems == [])
    }
}

/// A clock that moves a millisecond a look.
final class TestClock: Sendable {
    private let moment = Mutex<Int64>(1_000_000)
    func tick() -> Timestamp {
        moment.withLock { moment in
            moment += 1
            return Timestamp(milliseconds: moment)
        }
    }
}
