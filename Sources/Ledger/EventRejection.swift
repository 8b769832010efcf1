/// Why the ledger does not take an event.
public enum EventRejection: Error, Equatable, Sendable {
    case missingID
    case missingIdentifier(EventAction)
    case missingChannels(EventAction)
    case optInWithoutEvidence
    case optInByCopy(EventSource.Method)
    case missingReason(EventAction)
    case missingActorName(EventAction)
    case linkToItself
    case missingLinkedIdentifier(EventAction)
    case personTooLarge(limit: Int)
    case fieldTooLong(name: String, limit: Int)
    case containsNUL(name: String)
    case notAProbability(name: String)
}

extension EventRejection: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingID: "the event has no id; give it one that stays the same when the event is sent again"
        case .missingIdentifier(let action): "\(action.rawValue) names no identifier; say whom it is about"
        case .missingChannels(let action): "\(action.rawValue) covers no channel; name at least one"
        case .optInWithoutEvidence:
            "an opt-in needs evidence: the person's words, the raw payload's hash, or a reference to a document"
        case .optInByCopy(let method):
            "an opt-in or removal by \(method.rawValue) needs an approval: copies of other systems may only add suppressions"
        case .missingReason(let action): "\(action.rawValue) needs a reason"
        case .missingActorName(let action): "\(action.rawValue) needs to say who does it"
        case .linkToItself: "an identifier cannot be linked to itself"
        case .missingLinkedIdentifier(let action): "\(action.rawValue) names no second identifier"
        case .personTooLarge(let limit): "the link would make one person of more than \(limit) identifiers; such links are mistakes"
        case .fieldTooLong(let name, let limit): "\(name) is longer than \(limit) bytes"
        case .containsNUL(let name): "\(name) holds a NUL character, which the database cannot keep"
        case .notAProbability(let name): "\(name) is not between 0 and 1"
        }
    }
}
