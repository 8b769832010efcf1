import Yams

/// A mapping in a file. Every key is asked for by name; ``finish()`` reports the keys nobody asked for.
///
/// A wrong value is reported and reads as absent, so that one run finds every problem of a file.
final class YAMLSection {
    let file: YAMLFile
    /// Where it stands: `limits.http2`; empty for the whole file.
    let path: String
    private let mapping: Node.Mapping
    private var known: [String] = []

    init(file: YAMLFile, path: String, mapping: Node.Mapping) {
        self.file = file
        self.path = path
        self.mapping = mapping
    }

    /// Every key as written, for sections whose keys are names the operator chose. They count as asked for.
    func names() -> [String] {
        let names = mapping.compactMap { $0.key.string }
        known += names
        return names
    }

    func has(_ key: String) -> Bool { value(key) != nil }

    /// The value of `key`. An empty value (`key:` and nothing more) reads as absent.
    func value(_ key: String) -> Node? {
        if !known.contains(key) { known.append(key) }
        guard let node = mapping.first(where: { $0.key.string == key })?.value else { return nil }
        if let scalar = node.scalar, scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return nil }
        return node
    }

    /// Reports what is wrong with the value of `key`, or with the section when it has no such key.
    func report(_ key: String, _ message: String, suggestion: String? = nil) {
        let node = mapping.first { $0.key.string == key }?.value
        file.report("\(full(key)): \(message)", node?.mark ?? mapping.mark, suggestion: suggestion)
    }

    /// Reports that `key` is needed and not there.
    func missing(_ key: String, example: String) {
        file.report("\(full(key)) is missing", mapping.mark, suggestion: "add '\(key): \(example)'")
    }

    /// Reports every key that was not asked for.
    func finish() {
        for (key, _) in mapping {
            let name = key.string ?? "?"
            guard !known.contains(name) else { continue }
            let nearest = NearestWord.of(name, among: known).map { "did you mean '\($0)'?" }
            let all = "known keys here: \(known.sorted().joined(separator: ", "))"
            file.report("unknown key '\(full(name))'", key.mark ?? mapping.mark, suggestion: nearest ?? all)
        }
    }

    func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
