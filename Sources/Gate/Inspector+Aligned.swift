import Adapters
import Bytes
import Recipients

/// Fields of a form that line up with a list of recipients.
extension Inspector {
    /// Refuses an aligned field of the form scanned last that has several parts, but not one for each recipient: what is taken
    /// out of both would leave somebody with another one's part. The recipients of the form are noted already.
    mutating func checkAligned(_ strip: FormStrip, _ endpoint: Endpoint, _ bytes: Span<UInt8>, _ source: RecipientFinding.Source) throws(Refusal) {
        for index in 0..<form.count {
            text.reset()
            form.appendName(index, in: bytes, to: &text)
            guard let slot = Self.slot(text, strip) else { continue }
            text.reset()
            form.appendValue(index, in: bytes, to: &text)
            try checkAligned(with: slot, endpoint, source)
        }
    }

    /// The same for the parts of a multipart body.
    mutating func checkAlignedParts(_ strip: FormStrip, _ endpoint: Endpoint, _ body: Span<UInt8>) throws(Refusal) {
        for index in 0..<multipart.count {
            let part = multipart[index]
            text.reset()
            text.append(body.extracting(part.name.range))
            guard let slot = Self.slot(text, strip) else { continue }
            // To some servers a part with a file name is no field.
            guard !part.isFile, part.isText else {
                detail.append("a list that is aligned with the recipients is no plain text")
                throw .recipientMistyped
            }
            text.reset()
            text.append(body.extracting(part.content.range))
            try checkAligned(with: slot, endpoint, .body)
        }
    }

    /// Judges one aligned field, its value in ``text``.
    private mutating func checkAligned(with slot: Int, _ endpoint: Endpoint, _ source: RecipientFinding.Source) throws(Refusal) {
        let parts = Self.parts(text, endpoint.slots[slot].list)
        // One value is for all of them.
        guard parts > 1 else { return }
        var recipients = 0
        for finding in findings where finding.source == .body && Int(finding.slot) == slot { recipients += 1 }
        guard source == .body, parts == recipients else {
            detail.append("a list that is aligned with the recipients has another number of parts")
            throw .recipientMalformed
        }
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    /// The slot whose list the field called `name` lines up with.
    private static func slot(_ name: borrowing GrowableBytes, _ strip: FormStrip) -> Int? {
        name.withSpan { name in
            var numbers = FormPattern.Numbers()
            let rule = strip.rules.firstIndex { $0.aligned.contains { $0.matches(name, &numbers) } }
            return rule.flatMap { rule in strip.chains.firstIndex { $0.first == rule } }
        }
    }

    private static func parts(_ text: borrowing GrowableBytes, _ syntax: RecipientSpec.ListSyntax) -> Int {
        guard let separator = syntax.separator else { return 1 }
        return text.withSpan { text in
            var parts = 1
            for index in text.indices where text[index] == separator { parts += 1 }
            return parts
        }
    }
}
