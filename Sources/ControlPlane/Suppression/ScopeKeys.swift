import Ledger
import Recipients
import Suppression

/// Under which keys the index holds an identifier's opt-outs of each scope.
///
/// | scope | key | blocks |
/// |---|---|---|
/// | everything, a purpose, a brand, a sender | the identifier's | every send: which sends belong to a purpose, brand or sender is not known |
/// | a program | the identifier's in that program | sends that name the program |
/// | the same again | the identifier's in any program | sends that name none |
struct ScopeKeys {
    private let secret: DigestSecret
    private let anyProgram: ProgramKey

    init(secret: DigestSecret) {
        self.secret = secret
        anyProgram = .any(secret: secret)
    }

    func keys(of identifier: Identifier, in scope: PreferenceScope) -> [RecipientKey] {
        let key = identifier.key(secret: secret)
        guard case .program(let name) = scope else { return [key] }
        return [ProgramKey(name, secret: secret).key(of: key), anyProgram.key(of: key)]
    }

    /// The changes to the index that follow from one of the ledger.
    func changes(_ change: Ledger.SuppressionChange) -> [Suppression.SuppressionChange] {
        var changes: [Suppression.SuppressionChange] = []
        changes.reserveCapacity(change.states.count)
        var start = 0
        while start < change.states.count {
            let identifier = change.states[start].identifier
            let end = change.states[start...].firstIndex { $0.identifier != identifier } ?? change.states.count
            changes += self.changes(ofOne: change.states[start..<end])
            start = end
        }
        return changes
    }

    /// What keeps a send that names no program from `recipient`, whose key it is.
    func keys(ofSendTo recipient: RecipientKey) -> [RecipientKey] { [recipient, anyProgram.key(of: recipient)] }

    /// The changes to the index that follow from the whole state of one identifier.
    private func changes(ofOne states: some Collection<EffectiveSuppression>) -> [Suppression.SuppressionChange] {
        guard let first = states.first else { return [] }
        let key = first.identifier.key(secret: secret)
        var wide: ChannelSet = [], any: ChannelSet = [], programs: [Suppression.SuppressionChange] = []
        for state in states {
            guard case .program(let name) = state.scope else {
                wide.formUnion(state.channels)
                continue
            }
            any.formUnion(state.channels)
            programs.append(.init(key: ProgramKey(name, secret: secret).key(of: key), channels: state.channels))
        }
        if !programs.isEmpty { programs.append(.init(key: anyProgram.key(of: key), channels: any)) }
        return [.init(key: key, channels: wide)] + programs
    }
}
