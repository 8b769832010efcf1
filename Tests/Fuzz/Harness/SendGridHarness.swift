import Adapters
import Bytes
import Foundation
import Gate
import Recipients

/// A mail for SendGrid, its query in front: `?query\nbody`.
///
/// - What the scanner accepts, Foundation reads.
/// - A verdict does not depend on what the inspector read before.
/// - Nobody suppressed is in what goes on, as Foundation and the control plane read it.
/// - What was stripped is judged `allow`, with the recipients that were kept, and is the body less some bytes.
enum SendGridHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let (query, body) = input.queryAndBody
        try checkTape(body)
        _ = try judge(query, body)
    }

    static func judge(_ query: UnsafeBufferPointer<UInt8>, _ body: UnsafeBufferPointer<UInt8>) throws(Violation) -> Judgement {
        var inspector = Fixture.inspector()
        let first = try Judgement(Fixture.sendgrid, "application/json", query: query, body: body, &inspector)
        let second = try Judgement(Fixture.sendgrid, "application/json", query: query, body: body, &inspector)
        try require(first == second, "a warm inspector judges \(second.verdict) instead of \(first.verdict)")
        guard let forwarded = first.forwarded else { return first }
        for address in try MailReading(forwarded).addresses where Fixture.isSuppressed(address, kind: .email) {
            throw Violation(description: "\(address) is still in it after \(first.verdict)")
        }
        guard first.verdict == .strip else { return first }
        try require(forwarded.count < body.count, "nothing was stripped")
        try require(isPart(forwarded, of: body), "bytes were altered")
        let empty = UnsafeBufferPointer<UInt8>(rebasing: body[body.count...])
        let again = try forwarded.withUnsafeBufferPointer { (bytes) throws(Violation) in
            try Judgement(Fixture.sendgrid, "application/json", query: empty, body: bytes, &inspector)
        }
        try require(again.verdict == .allow, "stripped, it is \(again.verdict)")
        let kept = first.recipients.filter { $0.fate == .allowed }.map { Array(body[$0.span.range]) }
        try require(again.recipients.map { Array(forwarded[$0.span.range]) } == kept, "other recipients were kept")
        return first
    }

    private static func checkTape(_ body: UnsafeBufferPointer<UInt8>) throws(Violation) {
        var tape = JSONTape()
        do throws(BodyFault) { try tape.scan(body.span) } catch {
            try require(error.offset <= body.count && tape.count == 0, "a fault at \(error.offset) of \(body.count)")
            return
        }
        let isJSON = (try? JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed])) != nil
        try require(isJSON, "Foundation refuses it")
        for node in 0..<tape.count {
            try require(Int(tape[node].end) > node && Int(tape[node].end) <= tape.count, "node \(node) ends at \(tape[node].end)")
        }
    }

    private static func isPart(_ part: [UInt8], of whole: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        for byte in whole where at < part.count && part[at] == byte { at += 1 }
        return at == part.count
    }
}
