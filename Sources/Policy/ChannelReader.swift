import Recipients

/// Reads one file of `policies/channels/`.
enum ChannelReader {
    static func read(_ file: YAMLFile) -> ChannelRules? {
        guard let root = file.section() else { return nil }
        let name = root.required("channel", example: "sms")
        let version = root.required("version", example: "\"2026-11\"") ?? ""
        let scope = root.choice("stop_scope", ChannelRules.StopScope.self)
        var rules: ChannelRules?
        if let name {
            if let channel = Channel(name: name) {
                rules = ChannelRules(channel: channel, version: version)
            } else {
                let names = Channel.allCases.map(\.name)
                root.report(
                    "channel", "'\(name)' is not one of \(names.joined(separator: ", "))",
                    suggestion: NearestWord.of(name, among: names).map { "did you mean '\($0)'?" })
            }
        }
        let stop = phrases(root, "stop_words"), start = phrases(root, "start_words")
        let asked = phrases(root, "start_words_when_asked"), help = phrases(root, "help_words")
        let courtesy = phrases(root, "courtesy_words"), reactions = phrases(root, "reactions")
        if rules?.channel == .sms, stop.isEmpty {
            root.missing("stop_words", example: "{en: [STOP]}")
        }
        let clash = Set(stop.map { $0.text.lowercased() }).intersection((start + asked).map { $0.text.lowercased() })
        for word in clash.sorted() { root.report("start_words", "'\(word)' is a stop word too") }
        root.finish()
        rules?.stopWords = stop
        rules?.startWords = start
        rules?.startWordsWhenAsked = asked
        rules?.helpWords = help
        rules?.courtesyWords = courtesy
        rules?.reactions = reactions
        if let scope { rules?.stopScope = scope }
        return rules
    }

    /// Phrases by language; `any` stands for none in particular.
    private static func phrases(_ root: YAMLSection, _ key: String) -> [ChannelRules.Phrase] {
        guard let section = root.section(key) else { return [] }
        var phrases: [ChannelRules.Phrase] = []
        for language in section.names() {
            for text in section.strings(language) ?? [] {
                if text.trimmingPrefix(while: \.isWhitespace).isEmpty {
                    section.report(language, "an empty word would match every message")
                } else {
                    phrases.append(.init(text, language: language == "any" ? nil : language))
                }
            }
        }
        return phrases
    }
}
