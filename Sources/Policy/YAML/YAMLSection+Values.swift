import Yams

extension YAMLSection {
    func string(_ key: String) -> String? {
        guard let node = value(key) else { return nil }
        return string(node, key)
    }

    /// A list of strings; one string alone is a list of one.
    func strings(_ key: String) -> [String]? {
        guard let node = value(key) else { return nil }
        if node.scalar != nil { return string(node, key).map { [$0] } }
        guard let items = node.sequence else {
            report(key, "expected a list, found \(YAMLFile.kind(node))")
            return nil
        }
        return items.compactMap { string($0, key) }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = string(key) else { return nil }
        guard let number = Int(text.replacing("_", with: "")) else {
            report(key, "expected a whole number, found '\(text)'")
            return nil
        }
        guard range.contains(number) else {
            report(key, "\(number) is out of range: \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    func boolean(_ key: String) -> Bool? {
        guard let text = string(key) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default:
            report(key, "expected true or false, found '\(text)'")
            return nil
        }
    }

    /// A time with its unit: `250ms`, `30s`, `5m`, `1h`, `7d`. Above 0.
    func duration(_ key: String) -> Duration? {
        guard let text = string(key) else { return nil }
        guard let duration = HumanUnits.duration(text) else {
            report(key, "expected a time with a unit (ms, s, m, h, d), found '\(text)'", suggestion: "write 30s or 250ms")
            return nil
        }
        return duration
    }

    /// A size with its unit, in bytes: `512B`, `64KiB`, `1MiB`, `2GiB`, or `64KB` (1000). Above 0.
    func size(_ key: String) -> Int? {
        guard let text = string(key) else { return nil }
        guard let size = HumanUnits.size(text) else {
            report(key, "expected a size with a unit (B, KiB, MiB, GiB, KB, MB, GB), found '\(text)'", suggestion: "write 1MiB or 512B")
            return nil
        }
        return size
    }

    /// One of the words an enum knows.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Choice.Type) -> Choice? {
        guard let text = string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        let nearest = NearestWord.of(text, among: words).map { "did you mean '\($0)'?" }
        report(key, "'\(text)' is not one of \(words.joined(separator: ", "))", suggestion: nearest)
        return nil
    }

    /// One or several of the words an enum knows; one alone is a list of one.
    func choices<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Choice.Type) -> [Choice]? {
        guard let texts = strings(key) else { return nil }
        let words = Choice.allCases.map(\.rawValue)
        var choices: [Choice] = []
        for text in texts {
            guard let choice = Choice(rawValue: text) else {
                let nearest = NearestWord.of(text, among: words).map { "did you mean '\($0)'?" }
                report(key, "'\(text)' is not one of \(words.joined(separator: ", "))", suggestion: nearest)
                return nil
            }
            choices.append(choice)
        }
        return choices
    }

    /// A list of lists of strings; a list of strings alone is one list.
    func stringLists(_ key: String) -> [[String]] {
        guard let node = value(key) else { return [] }
        guard let items = node.sequence else {
            report(key, "expected a list of lists, found \(YAMLFile.kind(node))")
            return []
        }
        if items.allSatisfy({ $0.scalar != nil }) { return [items.compactMap { string($0, key) }] }
        return items.compactMap { item in
            guard let list = item.sequence else {
                file.report("\(full(key)): expected a list, found \(YAMLFile.kind(item))", item.mark)
                return nil
            }
            return list.compactMap { string($0, key) }
        }
    }

    /// An item of a list that may be one value or keys and values.
    enum Entry {
        /// With its place in the file.
        case text(String, path: String, mark: Mark?)
        case section(YAMLSection)
    }

    /// A list of values and of mappings; one value alone is a list of one.
    func entries(_ key: String) -> [Entry] {
        guard let node = value(key) else { return [] }
        if let scalar = node.scalar { return [.text(scalar.string, path: full(key), mark: node.mark)] }
        guard let items = node.sequence else {
            report(key, "expected a list, found \(YAMLFile.kind(node))")
            return []
        }
        return items.enumerated().compactMap { index, item in
            if let scalar = item.scalar { return .text(scalar.string, path: "\(full(key))[\(index)]", mark: item.mark) }
            return section(item, "\(full(key))[\(index)]").map { .section($0) }
        }
    }

    /// A mapping inside this one.
    func section(_ key: String) -> YAMLSection? {
        guard let node = value(key) else { return nil }
        return section(node, full(key))
    }

    /// A list of mappings.
    func sections(_ key: String) -> [YAMLSection] {
        guard let node = value(key) else { return [] }
        guard let items = node.sequence else {
            report(key, "expected a list, found \(YAMLFile.kind(node))")
            return []
        }
        return items.enumerated().compactMap { section($1, "\(full(key))[\($0)]") }
    }

    private func section(_ node: Node, _ path: String) -> YAMLSection? {
        guard let mapping = node.mapping else {
            file.report("\(path): expected keys and values, found \(YAMLFile.kind(node))", node.mark)
            return nil
        }
        return YAMLSection(file: file, path: path, mapping: mapping)
    }

    private func string(_ node: Node, _ key: String) -> String? {
        guard let scalar = node.scalar else {
            file.report("\(full(key)): expected one value, found \(YAMLFile.kind(node))", node.mark)
            return nil
        }
        return scalar.string
    }
}
