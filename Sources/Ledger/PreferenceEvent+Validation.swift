extension PreferenceEvent {
    /// The longest text a field may hold, in bytes. Words and normalised text may be longer: they are what was said.
    public static let fieldLimit = 2048
    public static let wordsLimit = 65_536

    /// What keeps this event out of the ledger; `nil` when nothing does.
    public func rejection() -> EventRejection? {
        if id.isEmpty { return .missingID }
        if let rejection = textRejection() ?? probabilityRejection() { return rejection }
        switch action {
        case .needsReview, .reviewed: return nil
        default: if identifier == nil { return .missingIdentifier(action) }
        }
        switch action {
        case .optOut:
            return channels.isEmpty ? .missingChannels(action) : nil
        case .optIn, .removal:
            if channels.isEmpty { return .missingChannels(action) }
            if source.method.isCopy, actor.approval?.isEmpty ?? true { return .optInByCopy(source.method) }
            if action == .optIn { return evidence.provesConsent ? nil : .optInWithoutEvidence }
            return accountabilityRejection()
        case .link, .unlink:
            guard let linkedIdentifier else { return .missingLinkedIdentifier(action) }
            if linkedIdentifier == identifier { return .linkToItself }
            return action == .unlink ? accountabilityRejection() : nil
        case .needsReview, .reviewed:
            return nil
        }
    }

    /// Whatever makes contact possible again must say why and by whom.
    private func accountabilityRejection() -> EventRejection? {
        if reason?.isEmpty ?? true { return .missingReason(action) }
        if actor.name?.isEmpty ?? true { return .missingActorName(action) }
        return nil
    }

    private func probabilityRejection() -> EventRejection? {
        for (name, value) in [("match confidence", identity.matchConfidence), ("confidence", decision.confidence)] {
            if let value, !(0...1).contains(value) { return .notAProbability(name: name) }
        }
        return nil
    }

    private func textRejection() -> EventRejection? {
        let short: [(String, String?)] = [
            ("id", id), ("identifier", identifier?.value), ("linked identifier", linkedIdentifier?.value),
            ("scope", scope.description), ("reason", reason), ("resolves", resolves),
            ("identifier as received", identity.asReceived), ("name given", identity.nameGiven),
            ("match method", identity.matchMethod), ("calendar version", times.calendarVersion),
            ("source system", source.system), ("our address", source.ourAddress), ("replied to", source.repliedTo),
            ("payload hash", evidence.payloadHash), ("evidence reference", evidence.reference),
            ("remote address", evidence.remoteAddress), ("user agent", evidence.userAgent),
            ("provider message id", evidence.providerMessageID), ("language", evidence.language),
            ("rule id", decision.ruleID), ("rule pack", decision.rulePackVersion), ("matched by", decision.matchedBy),
            ("reviewer", decision.reviewer), ("actor", actor.name), ("on behalf of", actor.onBehalfOf),
            ("approval", actor.approval),
        ]
        let long = [("words", evidence.words), ("normalised text", decision.normalisedText)]
        for (fields, limit) in [(short, Self.fieldLimit), (long, Self.wordsLimit)] {
            for case (let name, let value?) in fields {
                if value.utf8.count > limit { return .fieldTooLong(name: name, limit: limit) }
                // SQLite's text functions end at a NUL, so what was read back would not be what was hashed.
                if value.utf8.contains(0) { return .containsNUL(name: name) }
            }
        }
        return nil
    }
}
