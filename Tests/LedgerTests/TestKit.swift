import Foundation
import Recipients
import Synchronization
import Testing

@testable import Ledger

/// A directory that goes with the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("stopgate-ledger-" + UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
    var ledger: String { file("ledger.db") }
}

/// What an index would hold: the last state told for each pair.
final class RecordingSink: SuppressionSink {
    struct Pair: Hashable { let identifier: Identifier, scope: PreferenceScope }

    private let held = Mutex<(states: [Pair: ChannelSet], position: LedgerPosition)>(([:], 0))

    func apply(_ change: SuppressionChange) {
        held.withLock { held in
            precondition(change.position >= held.position, "changes out of order")
            held.position = change.position
            for state in change.states {
                held.states[Pair(identifier: state.identifier, scope: state.scope)] = state.channels.isEmpty ? nil : state.channels
            }
        }
    }

    var states: [Pair: ChannelSet] { held.withLock { $0.states } }
    var position: LedgerPosition { held.withLock { $0.position } }
}

extension PreferenceLedger {
    func allSuppressions() throws -> [RecordingSink.Pair: ChannelSet] {
        var all: [RecordingSink.Pair: ChannelSet] = [:]
        try forEachSuppression { suppression in
            let pair = RecordingSink.Pair(identifier: suppression.identifier, scope: suppression.scope)
            #expect(all.updateValue(suppression.channels, forKey: pair) == nil, "each pair once")
        }
        return all
    }
}

let ada = Identifier(kind: .phone, value: "+14155550123")
let adaMail = Identifier(kind: .email, value: "ada@example.com")
let bob = Identifier(kind: .phone, value: "+14155550199")

/// Opt-outs and opt-ins as short as the tests want them.
func event(
    _ id: String, _ action: EventAction = .optOut, _ identifier: Identifier? = ada, with linked: Identifier? = nil,
    on channels: ChannelSet = .phoneMessages, scope: PreferenceScope = .everything, reach: EventReach = .identifier,
    method: EventSource.Method = .api, asked: Int64? = nil, words: String? = "please", reason: String? = "test",
    actor: EventActor = .init(kind: .operator, name: "ann")
) -> PreferenceEvent {
    PreferenceEvent(
        id: id, action: action, identifier: identifier, linkedIdentifier: linked, channels: channels, scope: scope, reach: reach,
        reason: reason, times: EventTimes(requestedAt: asked.map(Timestamp.init(milliseconds:))), source: EventSource(method: method),
        evidence: EventEvidence(words: words), actor: actor)
}

/// Takes `+` and digits for a phone, and anything with an @ for an address; says no to the rest.
let plainReader = IdentifierReader { text, kind throws(IdentifierReader.Unreadable) in
    if kind == .email || (kind == nil && text.contains("@")) {
        guard text.contains("@") else { throw .init("it has no @") }
        return [Identifier(kind: .email, value: text.lowercased())]
    }
    let digits = text.filter { !" ()-".contains($0) }
    guard digits.hasPrefix("+"), digits.count > 7, digits.dropFirst().allSatisfy(\.isASCII), digits.dropFirst().allSatisfy(\.isNumber)
    else { throw .init("it is no phone number") }
    return [Identifier(kind: kind ?? .phone, value: digits)]
}
