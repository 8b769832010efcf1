import Bytes

/// What the names of header fields mean.
enum MIMEHeaderNames {
    /// - Returns: `nil` for a header that some servers alone take for recipients.
    static func role(of name: Span<UInt8>) -> MIMEField.Role? {
        switch name.count {
        case 2:
            if ASCIIText.caselessEqual(name, "to".utf8.span) { return .to }
            if ASCIIText.caselessEqual(name, "cc".utf8.span) { return .cc }
        case 3: if ASCIIText.caselessEqual(name, "bcc".utf8.span) { return .bcc }
        case 9:
            if ASCIIText.caselessEqual(name, "resent-to".utf8.span) { return .resentTo }
            if ASCIIText.caselessEqual(name, "resent-cc".utf8.span) { return .resentCc }
        case 10: if ASCIIText.caselessEqual(name, "resent-bcc".utf8.span) { return .resentBcc }
        case 13: if ASCIIText.caselessEqual(name, "apparently-to".utf8.span) { return nil }
        default: break
        }
        return isKnown(name) ? .known : .unknown
    }

    /// Of each of these a message has one at most: RFC 5322 section 3.6.
    static func isSingle(_ name: Span<UInt8>, _ role: MIMEField.Role) -> Bool {
        role.isRecipient || ASCIIText.caselessEqual(name, "from".utf8.span)
    }

    static func isSignature(_ name: Span<UInt8>) -> Bool {
        ASCIIText.caselessEqual(name, "dkim-signature".utf8.span)
    }

    private static func isKnown(_ name: Span<UInt8>) -> Bool {
        for index in known.indices where ASCIIText.caselessEqual(name, known[index].utf8.span) { return true }
        for index in families.indices where name.count > families[index].utf8.count {
            if ASCIIText.caselessEqual(name.extracting(0..<families[index].utf8.count), families[index].utf8.span) { return true }
        }
        return false
    }

    private static let known: [String] = [
        "from", "sender", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version", "comments", "keywords",
        "return-path", "received", "user-agent", "x-mailer", "importance", "priority", "x-priority", "x-msmail-priority", "sensitivity",
        "precedence", "auto-submitted", "organization", "feedback-id", "disposition-notification-to", "return-receipt-to", "errors-to",
        "dkim-signature", "authentication-results", "x-entity-ref-id", "thread-topic", "thread-index", "autocrypt",
    ]
    private static let families: [String] = ["content-", "list-", "arc-"]
}
