import GRDB
import Recipients

/// What follows from the preferences for each identifier: its own opt-outs, and those with person reach of every identifier
/// linked to it.
struct EffectiveState {
    let db: Database
    private let fold = PreferenceFold()

    init(db: Database) { self.db = db }

    /// The present state of every identifier that `events` may have changed, in every scope that they may have changed and in
    /// every other in which something is blocked; each pair once.
    /// - Complexity: a few queries for each identifier of each person that the events touch.
    func states(affectedBy events: [PreferenceEvent]) throws -> [EffectiveSuppression] {
        var scopesOfPerson: [Int64: Set<String>] = [:]
        var order: [Int64] = []
        func add(_ person: Int64, _ scopes: Set<String>) {
            if scopesOfPerson[person] == nil { order.append(person) }
            scopesOfPerson[person, default: []].formUnion(scopes)
        }
        // Whoever was cut off from a person in these events may have inherited any of these scopes, over links that are gone too.
        // He belongs now to the person of one end of some link among the events; so all of them there makes nobody missed.
        let personScopes = try Set(String.fetchAll(db.cachedStatement(sql: "SELECT scope FROM person_scope")))
        for event in events {
            guard let identifier = event.identifier, let row = try fold.find(identifier, in: db) else { continue }
            let person = try fold.person(of: row, in: db)
            switch event.action {
            case .needsReview, .reviewed: continue
            case .optOut, .optIn, .removal: add(person, [event.scope.description])
            case .link, .unlink:
                guard let linked = event.linkedIdentifier, let other = try fold.find(linked, in: db) else { continue }
                add(person, personScopes)
                add(try fold.person(of: other, in: db), personScopes)
            }
        }
        return try order.flatMap { person in try states(of: person, in: scopesOfPerson[person, default: []].sorted()) }
    }

    /// One state for each identifier of `person` and each of `scopes`, and each other scope in which it is blocked.
    private func states(of person: Int64, in scopes: [String]) throws -> [EffectiveSuppression] {
        let members = try fold.members(of: person, in: db)
        let statement = try db.cachedStatement(sql: "SELECT scope, reach, channels FROM preference WHERE identifier = ?")
        var shared: [String: Int64] = [:]
        var own: [[String: Int64]] = []
        for member in members {
            var channels: [String: Int64] = [:]
            for row in try Row.fetchAll(statement, arguments: [member]) {
                channels[row[0], default: 0] |= row[2]
                if row[1] == EventReach.person.rawValue { shared[row[0], default: 0] |= row[2] }
            }
            own.append(channels)
        }
        return try zip(members, own).flatMap { member, own in
            let identifier = try identifier(of: member)
            // All of an identifier's scopes, so that whoever enforces them can add them up without asking again.
            let all = Set(scopes).union(own.keys).union(shared.keys)
            return try all.sorted().map { scope in
                EffectiveSuppression(
                    identifier: identifier, scope: try Self.scope(scope),
                    channels: try Self.channels((own[scope] ?? 0) | (shared[scope] ?? 0)))
            }
        }
    }

    private func identifier(of row: Int64) throws -> Identifier {
        let statement = try db.cachedStatement(sql: "SELECT kind, value FROM identifier WHERE id = ?")
        guard let found = try Row.fetchOne(statement, arguments: [row]) else {
            throw LedgerFailure.damaged("identifier row \(row) is missing")
        }
        return try Self.identifier(kind: found[0], value: found[1])
    }

    static func identifier(kind: Int64, value: String) throws -> Identifier {
        guard let kind = UInt8(exactly: kind).flatMap(IdentifierKind.init) else { throw LedgerFailure.damaged("identifier of kind \(kind)") }
        return Identifier(kind: kind, value: value)
    }

    static func scope(_ text: String) throws -> PreferenceScope {
        guard let scope = PreferenceScope(text) else { throw LedgerFailure.damaged("scope \(text)") }
        return scope
    }

    static func channels(_ bits: Int64) throws -> ChannelSet {
        guard let bits = UInt16(exactly: bits) else { throw LedgerFailure.damaged("channel bits \(bits)") }
        return ChannelSet(rawValue: bits)
    }
}
