/// What a message means, by our own words and by what Twilio says of it. An opt-out by either is one; an opt-in is one by
/// our words, or by Twilio's where our words say nothing else.
struct TwilioMeaning {
    enum Verdict { case optOut, optIn, unclear, nothing }

    let verdict: Verdict
    let reason: String?
    let note: String?
    let ruleID: String?
    let rulePackVersion: String?
    let matchedBy: String?
    let normalised: String?
    let language: String?

    init(_ signal: TwilioSignal, _ keywords: KeywordEngine) {
        let match = keywords.match(signal.body ?? "")
        let verdict: Verdict
        var finding: KeywordFinding?
        var byProvider = false
        var note: String?
        switch (match, signal.optOutType) {
        case (.optOut(let found), _):
            verdict = .optOut
            finding = found
        case (_, "STOP"):
            verdict = .optOut
            byProvider = true
        case (.optIn(let found), _):
            verdict = .optIn
            finding = found
        case (.unmatched, "START"):
            verdict = .optIn
            byProvider = true
        case (.unmatched, _) where signal.bodyIsBroken:
            verdict = .unclear
            note = "unreadable-text"
        case (.unmatched, let type?) where type != "HELP":
            verdict = .unclear
            note = "unknown-opt-out-type"
        default: verdict = .nothing
        }
        self.verdict = verdict
        self.note = note
        reason = verdict == .optOut ? "stop" : verdict == .optIn ? "start" : nil
        ruleID = finding?.ruleID ?? (byProvider ? "twilio/opt-out-type/\(signal.optOutType?.lowercased() ?? "")" : nil)
        rulePackVersion = finding?.rulePackVersion
        matchedBy = finding?.matchedBy.rawValue ?? (byProvider ? "provider" : nil)
        language = finding?.language
        switch match {
        case .optOut(let found), .optIn(let found), .optInOnlyWhenAsked(let found), .help(let found): normalised = found.normalised
        case .reaction(let text), .unmatched(let text): normalised = text
        }
    }
}
