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
            guard let rule = Self.rule(text, strip), let slot = strip.chains.firstIndex(where: { $0.first == rule }) else { continue }
            text.reset()
            form.appendValue(index, in: bytes, to: &text)
            let parts = Self.parts(text, endpoint.slots[slot].list)
            // One value is for all of them.
            guard parts > 1 else { continue }
            var recipients = 0
            for finding in findings where finding.source == .body && Int(finding.slot) == slot { recipients += 1 }
            guard source == .body, parts == recipients else {
                detail.append("a list that is aligned with the recipients has another number of parts")
                throw .recipientMalformed
            }
        }
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    /// The rule whose list the field called `name` lines up with.
    private static func rule(_ name: borrowing GrowableBytes, _ strip: FormStrip) -> Int? {
        name.withSpan { name in
            var numbers = FormPattern.Numbers()
            return strip.rules.firstIndex { $0.aligned.contains { $0.matches(name, &numbers) } }
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
