import Yams

/// One YAML file while it is being read: its text, and everything found wrong with it so far.
final class YAMLFile {
    let name: String
    private let lines: [String]
    private(set) var root: Node?
    private(set) var problems: [PolicyProblem] = []

    /// Parses `text`. Syntax errors and repeated keys are problems; ``root`` is then `nil`.
    init(name: String, text: String) {
        self.name = name
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.hasSuffix("\r") ? String($0.dropLast()) : String($0) }
        do {
            root = try Yams.compose(yaml: text)
            if root == nil { report("the file is empty", nil) }
        } catch let error as YamlError {
            report(error)
        } catch {
            report("\(error)", nil)
        }
    }

    /// The whole file as a mapping.
    func section() -> YAMLSection? {
        guard let root else { return nil }
        guard let mapping = root.mapping else {
            report("expected keys and values, found \(Self.kind(root))", root.mark)
            return nil
        }
        return YAMLSection(file: self, path: "", mapping: mapping)
    }

    func report(_ message: String, _ mark: Mark?, suggestion: String? = nil) {
        report(message, line: mark?.line ?? 0, column: mark?.column ?? 0, suggestion: suggestion)
    }

    private func report(_ message: String, line: Int, column: Int, suggestion: String? = nil) {
        let source = lines.indices.contains(line - 1) ? lines[line - 1] : nil
        problems.append(
            PolicyProblem(file: name, line: line, column: column, message: message, suggestion: suggestion, source: source))
    }

    /// Reports a problem at a path such as `endpoints[0].recipients[1].at`, or at the nearest place around it that exists.
    func report(_ message: String, at path: String, suggestion: String? = nil) {
        var node = root
        var mark = root?.mark
        for part in path.split(whereSeparator: { ".[".contains($0) }) {
            let next: Node?
            if part.hasSuffix("]"), let index = Int(part.dropLast()) {
                let items = node?.sequence
                next = items.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            } else {
                next = node?.mapping?.first { $0.key.string == String(part) }?.value
            }
            guard let next else { break }
            node = next
            mark = next.mark ?? mark
        }
        report(message, mark, suggestion: suggestion)
    }

    private func report(_ error: YamlError) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            report([context?.text, problem].compactMap { $0 }.joined(separator: ": "), mark)
        case .duplicatedKeysInMapping(let keys, let context):
            for key in keys.sorted() {
                let second = secondLine(of: key, from: context.mark)
                report(
                    "the key '\(key)' is written twice", line: second ?? context.mark.line, column: context.mark.column,
                    suggestion: "keep one of them")
            }
        case .reader(let problem, _, _, _): report(problem, nil)
        default: report("\(error)", nil)
        }
    }

    /// The line where a key repeats, in a block mapping that begins at `mark`.
    private func secondLine(of key: String, from mark: Mark) -> Int? {
        let indent = mark.column - 1
        var seen = 0
        for index in lines.indices where index >= mark.line - 1 {
            var line = lines[index]
            // The first key of an item stands behind its dash.
            if line.count > indent, line.prefix(indent).allSatisfy({ $0 == " " || $0 == "-" }) { line.removeFirst(indent) } else { continue }
            guard [key, "\"\(key)\"", "'\(key)'"].contains(where: { line.hasPrefix($0 + ":") }) else { continue }
            seen += 1
            if seen == 2 { return index + 1 }
        }
        return nil
    }

    static func kind(_ node: Node) -> String {
        switch node {
        case .mapping: "keys and values"
        case .sequence: "a list"
        case .alias: "an alias"
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "'\(scalar.string)'"
        }
    }
}
