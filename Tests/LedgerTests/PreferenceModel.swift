import Recipients

@testable import Ledger

/// The rules of precedence over plain arrays and sets, written without a look at the fold: what the ledger is held against.
struct PreferenceModel {
    private struct OptOut {
        let scope: PreferenceScope, person: Bool, asked: Timestamp, reply: Bool
        var channels: ChannelSet
    }

    private var optOuts: [Identifier: [OptOut]] = [:]
    private var links: Set<Set<Identifier>> = []

    mutating func apply(_ recorded: RecordedEvent) {
        let event = recorded.event
        guard let identifier = event.identifier else { return }
        let asked = event.times.requestedAt ?? event.times.receivedAt ?? recorded.recordedAt
        let replies: Set<EventSource.Method> = [.keyword, .freeText, .emailReply]
        switch event.action {
        case .optOut:
            optOuts[identifier, default: []].append(OptOut(
                scope: event.scope, person: event.reach == .person, asked: asked, reply: replies.contains(event.source.method),
                channels: event.channels))
        case .optIn, .removal:
            for index in (optOuts[identifier] ?? []).indices {
                let held = optOuts[identifier]![index]
                let mayLift = event.action == .removal
                    || (held.person == (event.reach == .person) && held.asked <= asked
                        && (held.reply || !replies.contains(event.source.method)))
                if held.scope == event.scope, mayLift { optOuts[identifier]![index].channels.subtract(event.channels) }
            }
        case .link: links.insert([identifier, event.linkedIdentifier!])
        case .unlink: links.remove([identifier, event.linkedIdentifier!])
        case .needsReview, .reviewed: break
        }
    }

    /// Every pair that blocks something.
    func effective() -> [RecordingSink.Pair: ChannelSet] {
        var all: [RecordingSink.Pair: ChannelSet] = [:]
        var persons = Set(optOuts.keys).map { Set([$0]) }
        for link in links {
            let touching = persons.filter { !$0.isDisjoint(with: link) }
            persons.removeAll { !$0.isDisjoint(with: link) }
            persons.append(touching.reduce(link) { $0.union($1) })
        }
        for person in persons {
            for (identifier, member) in person.flatMap({ identifier in person.map { (identifier, $0) } }) {
                for held in optOuts[member] ?? [] where (member == identifier || held.person) && !held.channels.isEmpty {
                    all[RecordingSink.Pair(identifier: identifier, scope: held.scope), default: []].formUnion(held.channels)
                }
            }
        }
        return all
    }
}
