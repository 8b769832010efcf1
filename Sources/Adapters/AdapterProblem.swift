/// What is wrong with an adapter, and where in its file.
public struct AdapterProblem: Error, Hashable, Sendable {
    /// The place as a path of keys and indexes: `endpoints[0].recipients[1].at`.
    public var path: String
    /// What is wrong and what would be right.
    public var message: String

    public init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    /// The same problem seen from one level further out.
    func under(_ parent: String) -> AdapterProblem {
        AdapterProblem(path.isEmpty ? parent : path.hasPrefix("[") ? parent + path : "\(parent).\(path)", message)
    }
}
