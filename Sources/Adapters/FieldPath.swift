/// A path into a JSON document, as adapters write it: `personalizations[*].to[*].email`, `[*].To`, `Addresses.{*}`.
struct FieldPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        /// Every item of an array: `[*]`.
        case items
        /// Every member of a map: `{*}`. At the end of a recipient's place, the keys themselves.
        case anyMember
        /// The member whose key is the recipient: `{recipient}`. Only in the places that `with` names.
        case recipient
    }

    let steps: [Step]

    init(_ text: String, path: String) throws(AdapterProblem) {
        var steps: [Step] = []
        for (index, part) in text.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            var name = part
            var depth = 0
            while name.hasSuffix("[*]") {
                name = name.dropLast(3)
                depth += 1
            }
            switch name {
            case "{*}": steps.append(.anyMember)
            case "{recipient}": steps.append(.recipient)
            // The body itself may be an array.
            case "" where index == 0 && depth > 0: break
            default:
                guard !name.isEmpty, !name.contains(where: { "[]*{}|".contains($0) || !$0.isASCII }) else {
                    throw AdapterProblem(
                        path, "'\(text)' is not a path such as personalizations[*].to[*].email, [*].To or Addresses.{*}")
                }
                steps.append(.member(String(name)))
            }
            steps += Array(repeating: .items, count: depth)
        }
        self.steps = steps
    }

    private init(steps: [Step]) { self.steps = steps }

    /// The member that `path` leads to with this member's name at its end.
    func below(_ path: FieldPath) -> FieldPath { FieldPath(steps: path.steps + steps.suffix(1)) }

    func isAncestor(of other: FieldPath) -> Bool {
        steps.count < other.steps.count && Array(other.steps[..<steps.count]) == steps
    }
}
