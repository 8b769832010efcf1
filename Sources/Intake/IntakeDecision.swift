public import Ledger

/// What the engine does with an inbound webhook.
public enum IntakeDecision: Equatable, Sendable {
    /// Append the event, keeping the first of its id (``Ledger/KnownEvent/keepFirst``); only when the append returned (new or known before) forward the untouched webhook, or answer with
    /// ``EmptyTwiML``. When the append fails, answer 503: the provider keeps the message and sends it again.
    case recordThenForward(PreferenceEvent)
    /// Nothing to record.
    case forwardOnly
    /// Answer with this status and no detail; forward nothing.
    case refuse(status: Int, IntakeRefusal)
}

/// Why a webhook is refused: for the log and the metrics, never for the caller. The raw value is the metric's label.
public enum IntakeRefusal: String, CaseIterable, Sendable {
    case missingSignature = "missing-signature"
    case badSignature = "bad-signature"
    case unknownKey = "unknown-key"
    case tooLarge = "too-large"
    case unreadableForm = "unreadable-form"
    case unsupportedContentType = "unsupported-content-type"
}

/// The answer to a Twilio webhook when no application stands behind: "received, send nothing back".
public enum EmptyTwiML {
    public static let status = 200
    public static let contentType = "text/xml; charset=utf-8"
    public static let body = Array(#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#.utf8)
}
