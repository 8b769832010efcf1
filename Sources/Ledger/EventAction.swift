/// What an event does to the record. The raw value is stored: never rename.
public enum EventAction: String, CaseIterable, Sendable {
    /// Adds a suppression.
    case optOut = "opt-out"
    /// The person asked to be contacted again: restores exactly the channels and scope it names. Needs evidence.
    case optIn = "opt-in"
    /// An operator takes a suppression back. Needs a reason and a named actor.
    case removal
    /// Two identifiers belong to one person.
    case link
    /// They do not after all. Needs a reason and a named actor.
    case unlink
    /// A signal nobody could read with certainty, kept for a human. Changes no preference.
    case needsReview = "needs-review"
    /// A human looked at it and found nothing to change.
    case reviewed
}

/// How far an opt-out goes. The raw value is stored: never renumber.
public enum EventReach: Int, CaseIterable, Sendable {
    /// The identifier alone.
    case identifier = 0
    /// Every identifier linked to the same person, now or later.
    case person = 1

    public var name: String {
        switch self {
        case .identifier: "identifier"
        case .person: "person"
        }
    }
}
