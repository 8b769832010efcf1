import Foundation
@testable import stopgate
import Testing

@Suite struct DueTimeTests {
    @Test(arguments: [
        "1893456000", "1893456000000", "1893456000.0", "2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00", "2030-01-01T00:00:00.000Z",
        "2030-01-01T00:00:00.000000Z", "2029-12-31T19:00:00-0500", "2030-01-01T00:00:00", "2030-01-01T00:00Z", "2030-01-01 00:00:00",
        "Tue, 01 Jan 2030 00:00:00 +0000", "Tue, 1 Jan 2030 01:00:00 +0100", " 2030-01-01T00:00:00Z ",
    ])
    func providersSpellings(_ text: String) { #expect(DueTime.latest(text) == Date(timeIntervalSince1970: 1_893_456_000)) }

    @Test func theLatestOfSeveralCounts() {
        #expect(DueTime.latest("1893455000, 1893456000, 2029-01-01T00:00:00Z") == Date(timeIntervalSince1970: 1_893_456_000))
        // RFC 5322 has a comma of its own.
        #expect(DueTime.latest("1893456000, true") == nil)
    }

    @Test(arguments: ["", "fixed", "true", "in 1 hour", "2030-13-01T00:00:00Z", "nan", "inf"])
    func whatCannotBeReadIsNoTime(_ text: String) { #expect(DueTime.latest(text) == nil) }
}
