import Testing
import TestSupport

@testable import Ledger

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("2026-03-01", 1_772_323_200_000), ("2024-02-29T12:00:00Z", 1_709_208_000_000),
        ("2026-03-01T09:30:00.250+02:00", 1_772_350_200_250), ("2026-03-01 09:30", 1_772_357_400_000),
        ("2026-03-01t09:30:00.1234z", 1_772_357_400_123), ("2026-03-01T09:30:00-0530", 1_772_377_200_000),
        ("1772323200", 1_772_323_200_000),
    ] as [(String, Int64)])
    func readsWhatPeopleWrite(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "yesterday", "2026-13-01", "2026-02-29", "2026-00-10", "2026-03-32", "1969-12-31", "3000-01-01", "03/01/2026", "2026-3-1",
        "2026-03-01T24:00:00Z", "2026-03-01T09:60:00Z", "2026-03-01T09:30:00.Z", "2026-03-01T09:30:00Zx", "2026-03-01T", "12345678",
        "999999999999999999999999", "2026-03-01T09:30:00+25:00",
    ])
    func refusesTheRest(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func descriptionReadsBack() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let moment = Timestamp(milliseconds: Int64.random(in: 0..<32_503_680_000_000, using: &random))
            #expect(Timestamp(moment.description) == moment)
        }
        #expect(Timestamp(milliseconds: 1_772_357_400_005).description == "2026-03-01T09:30:00.005Z")
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    }
}
