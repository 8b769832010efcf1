/// How a list shrinks.
public struct StripSpec: Sendable {
    public enum WhenEmpty: Sendable, Hashable {
        /// The list, or something around it, goes too.
        case remove(String)
        /// The empty list stays, as long as anybody else is left.
        case keep
        /// Nobody is left: the request is rejected.
        case reject
    }

    /// What may be taken out: the items of a list (`personalizations[*].to[*]`), the members of a map whose keys are
    /// recipients (`Addresses.{*}`), a repeated form field, pieces of a text that holds a list.
    public var remove: String
    /// What happens when the last item of the list was taken out.
    public var whenEmpty: WhenEmpty
    /// Members whose key is the text of the recipient, which go with it: `parameters.{*}.{recipient}`.
    public var with: [String]
    /// Texts that are lists aligned with this one by index, which lose the same pieces.
    public var aligned: [String]

    public init(remove: String, whenEmpty: WhenEmpty, with: [String] = [], aligned: [String] = []) {
        self.remove = remove
        self.whenEmpty = whenEmpty
        self.with = with
        self.aligned = aligned
    }
}
