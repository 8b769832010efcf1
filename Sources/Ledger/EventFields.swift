/// How the person was recognised.
public struct EventIdentity: Equatable, Sendable {
    /// The identifier as it stood in the signal, before normalisation.
    public var asReceived: String?
    public var nameGiven: String?
    /// How identifier and person were matched: `exact`, `link`, `crm-id` ...
    public var matchMethod: String?
    /// 0 to 1.
    public var matchConfidence: Double?

    public init(asReceived: String? = nil, nameGiven: String? = nil, matchMethod: String? = nil, matchConfidence: Double? = nil) {
        self.asReceived = asReceived
        self.nameGiven = nameGiven
        self.matchMethod = matchMethod
        self.matchConfidence = matchConfidence
    }
}

/// When it happened. The ledger adds the moment it recorded the event; what is not known stays `nil`.
public struct EventTimes: Equatable, Sendable {
    /// The person's own act.
    public var requestedAt: Timestamp?
    /// The first system of ours, or of a vendor of ours, got it.
    public var receivedAt: Timestamp?
    /// The law's last day for honouring it, under ``calendarVersion``.
    public var dueAt: Timestamp?
    public var calendarVersion: String?

    public init(
        requestedAt: Timestamp? = nil, receivedAt: Timestamp? = nil, dueAt: Timestamp? = nil, calendarVersion: String? = nil
    ) {
        self.requestedAt = requestedAt
        self.receivedAt = receivedAt
        self.dueAt = dueAt
        self.calendarVersion = calendarVersion
    }
}

/// What was kept to prove it.
public struct EventEvidence: Equatable, Sendable {
    /// The person's exact words.
    public var words: String?
    /// SHA-256 of the raw payload, hex.
    public var payloadHash: String?
    /// Where the payload, recording, scan or letter is kept.
    public var reference: String?
    public var remoteAddress: String?
    public var userAgent: String?
    public var providerMessageID: String?
    /// BCP 47 tag of the words.
    public var language: String?

    public init(
        words: String? = nil, payloadHash: String? = nil, reference: String? = nil, remoteAddress: String? = nil,
        userAgent: String? = nil, providerMessageID: String? = nil, language: String? = nil
    ) {
        self.words = words
        self.payloadHash = payloadHash
        self.reference = reference
        self.remoteAddress = remoteAddress
        self.userAgent = userAgent
        self.providerMessageID = providerMessageID
        self.language = language
    }

    /// Whether anything here shows what the person said or did.
    public var provesConsent: Bool {
        [words, payloadHash, reference].contains { $0?.isEmpty == false }
    }
}

/// Which rule read the signal, and how surely.
public struct EventDecision: Equatable, Sendable {
    public var ruleID: String?
    public var rulePackVersion: String?
    /// `per-se`, `courtesy`, `provider`, `human` ...
    public var matchedBy: String?
    /// 0 to 1.
    public var confidence: Double?
    /// The text as the rule saw it.
    public var normalisedText: String?
    public var reviewer: String?

    public init(
        ruleID: String? = nil, rulePackVersion: String? = nil, matchedBy: String? = nil, confidence: Double? = nil,
        normalisedText: String? = nil, reviewer: String? = nil
    ) {
        self.ruleID = ruleID
        self.rulePackVersion = rulePackVersion
        self.matchedBy = matchedBy
        self.confidence = confidence
        self.normalisedText = normalisedText
        self.reviewer = reviewer
    }
}

/// Who did it, and for whom.
public struct EventActor: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable { case person, agent, `operator`, system, vendor }

    public var kind: Kind
    /// A login, a system's name, a vendor's name.
    public var name: String?
    public var onBehalfOf: String?
    /// The approval that allowed it, when one was needed.
    public var approval: String?

    public init(kind: Kind, name: String? = nil, onBehalfOf: String? = nil, approval: String? = nil) {
        self.kind = kind
        self.name = name
        self.onBehalfOf = onBehalfOf
        self.approval = approval
    }
}
