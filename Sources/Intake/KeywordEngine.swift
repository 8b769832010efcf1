/// Recognises the words by which people stop, restart or ask for help. Pure; build one for each set of rules and share it.
///
/// In order: (1) the message is reduced to words (``MessageText``), and compared also without its blanks; (2) the whole
/// message is a word: opt-out before opt-in before help; (3) opt-out words, repeated or with courtesy around them, and nothing
/// else; (4) a reaction to a message of ours. When a text is both an opt-out and something else, it is an opt-out.
///
/// Source: docs/design.md, section 6; the CTIA and FCC word sets are data (``KeywordRules``).
public struct KeywordEngine: Sendable {
    private struct Entry: Sendable {
        let name: String
        let language: String?
    }

    private let version: String
    /// By words with single blanks between them, and by the same without blanks.
    private let optOut: [String: Entry]
    private let optIn: [String: Entry]
    private let whenAsked: [String: Entry]
    private let help: [String: Entry]
    private let courtesy: Set<String>
    private let reactions: [[String]]
    /// The most words any opt-out or courtesy phrase has.
    private let longestPhrase: Int

    public init(_ rules: KeywordRules) {
        func table(_ phrases: [KeywordRules.Phrase]) -> [String: Entry] {
            var table: [String: Entry] = [:]
            for phrase in phrases {
                let text = MessageText(phrase.text)
                guard !text.words.isEmpty else { continue }
                for key in [text.joined, text.squeezed] where table[key] == nil {
                    table[key] = Entry(name: text.joined, language: phrase.language)
                }
            }
            return table
        }
        version = rules.version
        optOut = table(rules.optOut)
        optIn = table(rules.optIn)
        whenAsked = table(rules.optInOnlyWhenAsked)
        help = table(rules.help)
        courtesy = Set(rules.courtesy.map { MessageText($0.text).joined }.filter { !$0.isEmpty })
        reactions = rules.reactions.map { MessageText($0.text).words }.filter { !$0.isEmpty }
        longestPhrase = (rules.optOut + rules.courtesy).map { MessageText($0.text).words.count }.max() ?? 0
    }

    /// - Complexity: linear in the message, which is cut at ``MessageText/scalarLimit`` scalars.
    public func match(_ message: String) -> KeywordMatch {
        let text = MessageText(message)
        guard !text.words.isEmpty, !text.isCut else { return .unmatched(normalised: text.joined) }
        if let entry = optOut[text.joined] ?? optOut[text.squeezed] { return .optOut(finding("opt-out", entry, .perSe, text)) }
        if let entry = optIn[text.joined] ?? optIn[text.squeezed] { return .optIn(finding("opt-in", entry, .perSe, text)) }
        if let entry = whenAsked[text.joined] ?? whenAsked[text.squeezed] {
            return .optInOnlyWhenAsked(finding("opt-in-when-asked", entry, .perSe, text))
        }
        if let entry = help[text.joined] ?? help[text.squeezed] { return .help(finding("help", entry, .perSe, text)) }
        if let entry = optOutAmongCourtesy(text.words) { return .optOut(finding("opt-out", entry, .courtesy, text)) }
        return isReaction(message, text.words) ? .reaction(normalised: text.joined) : .unmatched(normalised: text.joined)
    }

    /// The first opt-out phrase of a message in which nothing but opt-out phrases and courtesy stands.
    private func optOutAmongCourtesy(_ words: [String]) -> Entry? {
        var found: Entry?
        var next = 0
        while next < words.count {
            var taken = 0
            // The longest phrase first: `stop all` before `stop`.
            for length in stride(from: min(longestPhrase, words.count - next), through: 1, by: -1) {
                let phrase = words[next..<(next + length)].joined(separator: " ")
                if let entry = optOut[phrase] {
                    found = found ?? entry
                } else if !courtesy.contains(phrase) {
                    continue
                }
                taken = length
                break
            }
            if taken == 0 { return squeezedBetweenCourtesy(words) }
            next += taken
        }
        return found
    }

    /// `o p t o u t please`: courtesy stripped from both ends, the rest taken without its blanks.
    private func squeezedBetweenCourtesy(_ words: [String]) -> Entry? {
        var rest = words[...]
        while let length = courtesyLength(rest, fromEnd: false) { rest = rest.dropFirst(length) }
        while let length = courtesyLength(rest, fromEnd: true) { rest = rest.dropLast(length) }
        return rest.isEmpty ? nil : optOut[rest.joined()]
    }

    private func courtesyLength(_ words: ArraySlice<String>, fromEnd: Bool) -> Int? {
        guard !words.isEmpty else { return nil }
        return stride(from: min(longestPhrase, words.count), through: 1, by: -1).first { length in
            courtesy.contains((fromEnd ? words.suffix(length) : words.prefix(length)).joined(separator: " "))
        }
    }

    /// A reaction opens with its verb and goes on with a quotation; a person who writes `Liked` does not quote.
    private func isReaction(_ message: String, _ words: [String]) -> Bool {
        guard message.unicodeScalars.contains(where: { $0.properties.isQuotationMark && $0 != "'" && $0 != "\u{2019}" }) else { return false }
        return reactions.contains { words.starts(with: $0) }
    }

    private func finding(_ kind: String, _ entry: Entry, _ way: KeywordFinding.Way, _ text: MessageText) -> KeywordFinding {
        KeywordFinding(
            ruleID: "\(kind)/\(way.rawValue)/\(entry.name)", rulePackVersion: version, matchedBy: way, normalised: text.joined,
            language: entry.language)
    }
}
