/// A path into a JSON document, as adapters write it: `personalizations[*].to[*].email`.
struct FieldPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        /// Every item of an array.
        case items
    }

    let steps: [Step]

    init(_ text: String, path: String) throws(AdapterProblem) {
        var steps: [Step] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            var name = part
            var depth = 0
            while name.hasSuffix("[*]") {
                name = name.dropLast(3)
                depth += 1
            }
            guard !name.isEmpty, !name.contains(where: { "[]*{}".contains($0) || !$0.isASCII }) else {
                throw AdapterProblem(path, "'\(text)' is not a path such as personalizations[*].to[*].email")
            }
            steps.append(.member(String(name)))
            steps += Array(repeating: .items, count: depth)
        }
        self.steps = steps
    }

    func isAncestor(of other: FieldPath) -> Bool {
        steps.count < other.steps.count && Array(other.steps[..<steps.count]) == steps
    }
}
