import AllocationCounter
import Bytes
import Testing

@testable import Recipients

@Suite struct AllocationTests {
    @Test(.enabled(if: allocation_counting_is_on()), arguments: [
        ("+14155552671", IdentifierKind.phone), ("(415) 555-2671", .phone), ("14155552671", .phone), ("447700900123", .phone),
        ("+5215512345678", .phone), ("+5491123456789", .phone), ("+5511987654321", .phone), ("+8613812345678", .phone),
        ("whatsapp:+447700900123", .phone), ("jo.doe+news@Example.com", .email), ("j.o+x@gmail.com", .email),
        ("\"Doe, Jo\" <jo.doe@example.com>", .email), ("\"jo\"(c)@example.com", .email),
        ("fcm:0123456789", .pushToken), (" customer-1 ", .external),
    ])
    func theHotPathAllocatesNothing(text: String, kind: IdentifierKind) {
        var normaliser = Normaliser(rules: rules(), secret: testSecret)
        var keys = CandidateKeys()
        var output = GrowableBytes(capacity: 512)
        let bytes = Array(text.utf8)
        let hasStoredFastPath = kind != .phone || text.hasPrefix("+")
        var results = 0
        func round() {
            for _ in 0..<100 {
                // Refusals are not among the cases: Swift Testing watches every throw and boxes the error for it.
                do throws(IdentifierProblem) {
                    _ = try normaliser.keys(of: bytes.span, kind: kind, into: &keys)
                    results += keys.count
                    if hasStoredFastPath { try normaliser.storedKeys(of: bytes.span, kind: kind, into: &keys) }
                } catch {
                    results += 1
                }
                output.truncate(to: 0)
                IdentifierMask.append(bytes.span, kind: kind, to: &output)
            }
        }
        round()
        let before = allocation_count()
        round()
        let made = allocation_count() - before
        #expect(made == 0)
        let masked = output.count
        #expect(results + masked > 0)
    }

    @Test(.enabled(if: allocation_counting_is_on())) func theCounterCounts() {
        let before = allocation_count()
        let block = GrowableBytes(capacity: 4096)
        let made = allocation_count() - before
        #expect(made == 1)
        let isEmpty = block.isEmpty
        #expect(isEmpty)
    }
}
