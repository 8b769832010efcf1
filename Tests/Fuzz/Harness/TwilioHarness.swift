import Adapters
import Bytes
import Gate
import Recipients

/// A message for Twilio, its query in front: `?query\nbody`.
///
/// - The tape lies in order, and its cuts and texts are sound.
/// - A verdict does not depend on what the inspector read before.
/// - Nobody suppressed is in a `To` that goes on, as a plain form reader and the control plane read it.
enum TwilioHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let (query, body) = input.queryAndBody
        try checkTape(body)
        var inspector = Fixture.inspector()
        let first = try Judgement(Fixture.twilio, "application/x-www-form-urlencoded", query: query, body: body, &inspector)
        let second = try Judgement(Fixture.twilio, "application/x-www-form-urlencoded", query: query, body: body, &inspector)
        try require(first == second, "a warm inspector judges \(second.verdict) instead of \(first.verdict)")
        try require(first.verdict != .strip, "a form was stripped")
        guard first.forwarded != nil else { return }
        let recipients = values(of: "To", in: query) + values(of: "To", in: body)
        try require(recipients.count == 1, "allowed with \(recipients.count) recipients")
        for recipient in recipients {
            var number = recipient
            for prefix in ["whatsapp:", "rcs:"] where recipient.lowercased().hasPrefix(prefix) { number = String(recipient.dropFirst(prefix.count)) }
            try require(!Fixture.isSuppressed(number, kind: .phone), "\(recipient) was allowed")
        }
    }

    private static func checkTape(_ body: UnsafeBufferPointer<UInt8>) throws(Violation) {
        var tape = FormTape()
        do throws(BodyFault) { try tape.scan(body.span) } catch {
            try require(error.offset <= body.count && tape.count == 0, "a fault at \(error.offset) of \(body.count)")
            return
        }
        var end = 0
        var text = GrowableBytes()
        for index in 0..<tape.count {
            let field = tape[index]
            let isInOrder = field.range.lowerBound >= end && field.range.upperBound <= body.count
                && field.name.range.upperBound <= field.value.range.lowerBound && field.value.range.upperBound <= field.range.upperBound
            try require(isInOrder, "field \(index) at \(field.range)")
            end = field.range.upperBound
            text.truncate(to: 0)
            tape.appendName(index, in: body.span, to: &text)
            tape.appendValue(index, in: body.span, to: &text)
            try require(String(validating: text.bytes, as: UTF8.self) != nil && !text.bytes.contains(0), "field \(index) is no text")
        }
    }

    /// The decoded values of every field called `name`.
    private static func values(of name: String, in form: UnsafeBufferPointer<UInt8>) -> [String] {
        form.split(separator: UInt8(ascii: "&")).compactMap { field in
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard decoded(parts[0]) == name else { return nil }
            return parts.count > 1 ? decoded(parts[1]) : ""
        }
    }

    private static func decoded(_ text: some Sequence<UInt8>) -> String {
        var bytes: [UInt8] = []
        var escape: [UInt8]?
        for byte in text {
            if let digits = escape {
                guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return "" }
                escape = digits + [UInt8(digit)]
                if digits.count == 1 {
                    bytes.append(digits[0] << 4 | UInt8(digit))
                    escape = nil
                }
            } else if byte == UInt8(ascii: "%") {
                escape = []
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
