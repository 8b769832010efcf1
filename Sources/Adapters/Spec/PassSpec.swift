/// A method and a path, for calls that are no sends: what may stream through unread, what undoes an opt-out.
public struct PassSpec: Sendable {
    /// `POST`, `DELETE` ...; `*` for every method.
    public var method: String
    /// A path template: `{name}` is one segment, a last `**` is any rest.
    public var path: String
    /// What else the request has to say to be this call.
    public var match: MatchSpec?
    /// Which entry of the file's list it comes from, where one entry may be several calls.
    public var entry: Int?

    public init(method: String, path: String, match: MatchSpec? = nil) {
        self.method = method
        self.path = path
        self.match = match
    }
}
