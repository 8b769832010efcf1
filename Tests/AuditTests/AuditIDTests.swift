import Testing

@testable import Audit

@Suite struct AuditIDTests {
    @Test(arguments: [
        AuditID(boot: 0, lane: 0, counter: 0),
        AuditID(boot: 0xffff_ffff_ffff, lane: 255, counter: 0xfff_ffff_ffff),
        AuditID(boot: 0x6543_2100_abcd, lane: 63, counter: 1),
        AuditID(boot: 1, lane: 64, counter: 1 << 43),
        AuditID(boot: 1 << 47, lane: 128, counter: 987_654_321),
    ])
    func readsWhatItPrints(_ id: AuditID) {
        let text = id.description
        #expect(text.utf8.count == 20)
        #expect(AuditID(text) == id)
    }

    @Test(arguments: ["", "0", "0123456789abcdefghj", "0123456789abcdefghjkm", "0123456789abcdefghjl", "0123456789ABCDEFGHJK"])
    func refusesOtherText(_ text: String) {
        #expect(AuditID(text) == nil)
    }

    @Test func laterStartsSortBehindEarlierOnes() {
        let early = AuditID(boot: 5 << 16 | 0xffff, lane: 255, counter: 1 << 40)
        let late = AuditID(boot: 6 << 16, lane: 0, counter: 1)
        #expect(early.description < late.description)
    }
}
