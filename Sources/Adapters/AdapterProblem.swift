/// What is wrong with an adapter, and where in its file.
public struct AdapterProblem: Error, Hashable, Sendable {
    /// The place as a path of keys and indexes: `endpoints[0].recipients[1].at`.
    public var path: String
    /// What is wrong and what would be right.
    public var message: String

    /// The word that is wrong, and those that would have been right: the nearest makes a suggestion.
    public var word: String
    public var candidates: [String]
    /// How to mend it, where no word is wrong.
    public var suggestion: String?

    public init(_ path: String, _ message: String, word: String = "", among candidates: [String] = [], suggestion: String? = nil) {
        self.path = path
        self.message = message
        self.word = word
        self.candidates = candidates
        self.suggestion = suggestion
    }

    /// The same problem seen from one level further out.
    func under(_ parent: String) -> AdapterProblem {
        var problem = self
        problem.path = path.isEmpty ? parent : path.hasPrefix("[") ? parent + path : "\(parent).\(path)"
        return problem
    }
}
