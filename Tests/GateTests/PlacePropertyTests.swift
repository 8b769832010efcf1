import Adapters
import AllocationCounter
import Bytes
import Foundation
import Gate
import Recipients
import Testing

/// Whatever goes on holds nobody who has opted out, at any declared place, and everybody else as they were.
@Suite struct PlacePropertyTests {
    private static let endpoint: Endpoint = {
        do {
            return try LanguageFixture.endpoint(channels: [.sms, .email], PlaceGenerator.recipients, PlaceGenerator.spec)
        } catch { fatalError("\(error)") }
    }()

    @Test(arguments: 0..<60) func whatGoesOnIsClean(seed: Int) throws {
        var generator = PlaceGenerator(seed: UInt64(seed + 1))
        var inspector = Fixture.inspector()
        for _ in 0..<50 {
            let body = generator.body()
            let before = try Self.people(body)
            let outcome = LanguageFixture.outcome(&inspector, Self.endpoint, body)
            let kept = before.filter { !Self.isStopped($0) }
            switch outcome {
            case "allow": #expect(kept == before && !before.isEmpty, "\(body)")
            case "reject": #expect(kept.isEmpty, "\(body)")
            case "refuse recipient-missing": #expect(before.isEmpty, "\(body)")
            default:
                try #require(outcome.hasPrefix("{"), "\(outcome): \(body)")
                #expect(try Self.people(outcome) == kept, "\(body)\n\(outcome)")
                #expect(Self.isSubsequence(Array(outcome.utf8), of: Array(body.utf8)), "\(body)\n\(outcome)")
                #expect(LanguageFixture.outcome(&inspector, Self.endpoint, outcome) == "allow", "\(outcome)")
                try Self.checkAligned(outcome, body)
            }
        }
    }

    /// Only of optimised code: a debug build boxes what the optimiser keeps on the stack.
    @Test(.enabled(if: allocation_counting_is_on() && !isDebug)) func aWarmInspectorAllocatesNothing() {
        var generator = PlaceGenerator(seed: 7)
        var inspector = Fixture.inspector()
        let bodies = (0..<40).map { _ in Array(generator.body().utf8) }
        let type = Array("application/json".utf8), none: [UInt8] = [], nobody = Suppressions([])
        let endpoint = Self.endpoint
        var allowed = 0
        func round() {
            for body in bodies {
                let verdict = inspector.inspect(
                    endpoint, contentType: type.span, query: none.span, body: body.span, isSigned: false, suppressions: nobody)
                if verdict == .allow { allowed += 1 }
            }
        }
        for _ in 0..<5 { round() }
        let before = allocation_count()
        for _ in 0..<100 { round() }
        #expect(allocation_count() - before == 0)
        #expect(allowed > 105 * 30)
    }

    private static var isDebug: Bool {
        #if DEBUG
        true
        #else
        false
        #endif
    }

    /// Long lists take time in proportion: ten times the recipients, ten times the time, give or take the machine.
    @Test func longListsAreLinear() throws {
        func seconds(_ count: Int) -> Double {
            let numbers = (0..<count).map { "+1415555\(1000 + $0 % 9000)" }
            let to = numbers.map { #""\#($0)""# }.joined(separator: ",")
            let names = Set(numbers).map { #""\#($0)":"x""# }.joined(separator: ",")
            let body = #"{"to":[\#(to),"+14155550100"],"less":"\#(numbers.joined(separator: "<"))","delays":"\#(numbers.map { _ in "1" }.joined(separator: "<"))","names":{\#(names)}}"#
            var inspector = Fixture.inspector()
            var before = timespec(), after = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before)
            let outcome = LanguageFixture.outcome(&inspector, Self.endpoint, body)
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after)
            #expect(outcome.hasPrefix("{"))
            return Double(after.tv_sec - before.tv_sec) + Double(after.tv_nsec - before.tv_nsec) * 1e-9
        }
        _ = seconds(40)
        let short = (0..<5).map { _ in seconds(40) }.min() ?? 0, long = (0..<3).map { _ in seconds(400) }.min() ?? 0
        #expect(long < short * 30, "\(short) s for 40, \(long) s for 400")
    }

    /// Every recipient of a body as Foundation reads it, place by place.
    private static func people(_ text: String) throws -> [String] {
        let body = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        var people: [String] = []
        if let to = body["to"] as? String { people.append(to) }
        people += body["to"] as? [String] ?? []
        for person in body["people"] as? [[String: Any]] ?? [] {
            if let address = person["address"] as? String { people.append(address) }
            if let address = person["address"] as? [String: Any], let mail = address["email"] as? String { people.append(mail) }
        }
        people += (body["map"] as? [String: Any] ?? [:]).keys.sorted()
        people += split(body["less"] as? String, at: "<")
        people += mailboxes(body["mails"] as? String ?? "")
        for item in body["batch"] as? [[String: Any]] ?? [] { people += split(item["to"] as? String, at: ",") }
        return people
    }

    private static func split(_ text: String?, at mark: Character) -> [String] {
        (text ?? "").split(separator: mark).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// Commas outside of quotes.
    private static func mailboxes(_ text: String) -> [String] {
        var parts: [String] = [""], isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == ",", !isQuoted { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private static func isStopped(_ text: String) -> Bool {
        let lower = text.lowercased()
        return lower.contains("gone@example.com") || lower.contains("left@example.org") || text.filter(\.isNumber) == "14155550100"
    }

    /// The delays that are left are those of the numbers that are left.
    private static func checkAligned(_ stripped: String, _ body: String) throws {
        let before = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        let after = try #require(try JSONSerialization.jsonObject(with: Data(stripped.utf8)) as? [String: Any])
        let numbers = split(before["less"] as? String, at: "<")
        guard numbers.count > 1, after["less"] != nil else { return }
        let wanted = numbers.indices.filter { !isStopped(numbers[$0]) }.map { "\($0)" }
        #expect(split(after["delays"] as? String, at: "<") == wanted, "\(body)\n\(stripped)")
    }

    private static func isSubsequence(_ part: [UInt8], of whole: [UInt8]) -> Bool {
        var at = 0
        for byte in whole where at < part.count && part[at] == byte { at += 1 }
        return at == part.count
    }
}
