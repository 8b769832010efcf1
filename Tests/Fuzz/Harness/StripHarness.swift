import Foundation
import Gate

/// Mails made from the input, each byte a choice: who they go to, how members and blanks lie, how addresses are spelled. So most
/// inputs are mails that have to be stripped, where ``SendGridHarness`` mostly sees refusals.
///
/// - The verdict is what the list of recipients asks for.
/// - What goes on is, read by Foundation, the mail less the blocked and the lists they emptied.
enum StripHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        var mail = MailFromChoices(Array(input))
        let body = mail.write()
        let empty = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        let judged = try body.withUnsafeBufferPointer { (body) throws(Violation) in try SendGridHarness.judge(empty, body) }
        let blocked = Set(MailFromChoices.blocked)
        let before = try MailReading(body)
        let isBlocked = before.addresses.contains { blocked.contains($0) }
        let kept = before.personalizations.indices.filter { before.personalizations[$0]["to"]?.contains { !blocked.contains($0) } ?? false }
        guard isBlocked else { return try require(judged.verdict == .allow, "nobody is blocked: \(judged.verdict)") }
        guard !kept.isEmpty else { return try require(judged.verdict == .reject, "nobody is left: \(judged.verdict)") }
        guard let forwarded = judged.forwarded, judged.verdict == .strip else {
            throw Violation(description: "\(judged.verdict) instead of strip")
        }
        let after = try MailReading(forwarded)
        let expected = kept.map { index in
            before.personalizations[index].compactMapValues { list -> [String]? in
                let free = list.filter { !blocked.contains($0) }
                return free.isEmpty && !list.isEmpty ? nil : free
            }
        }
        try require(after.personalizations == expected, "\(after.personalizations) instead of \(expected)")
        try require(after.others == [before.others[0]] + kept.map { before.others[$0 + 1] }, "other members changed")
    }
}
