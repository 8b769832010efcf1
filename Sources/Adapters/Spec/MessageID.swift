/// Where a provider's answer names the message it accepted.
public enum MessageID: Sendable, Hashable {
    /// A response header, in lower case.
    case header(String)
    /// A member of the JSON object in the body.
    case member(String)
    /// A path into the JSON body, with indexes: `messages[0].message-id`.
    case path(String)
}
