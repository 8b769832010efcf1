import Recipients
import Testing

@testable import Ledger

@Suite struct LinkTests {
    let directory: TemporaryDirectory
    let ledger: PreferenceLedger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try PreferenceLedger(path: directory.ledger)
    }

    @Test func linksOfAPersonAreNamedWithTheirEvents() throws {
        #expect(try ledger.identifiers(ofPersonWith: ada).isEmpty && ledger.links(ofPersonWith: ada).isEmpty)
        try ledger.append(event("1", .link, ada, with: adaMail, on: []))
        try ledger.append(event("2", .link, adaMail, with: bob, on: []))
        for one in [ada, adaMail, bob] {
            #expect(try Set(ledger.identifiers(ofPersonWith: one)) == [ada, adaMail, bob])
            #expect(try ledger.links(ofPersonWith: one).map(\.event.event.id) == ["1", "2"])
        }
        try ledger.append(event("3", .unlink, ada, with: adaMail, on: []))
        #expect(try ledger.identifiers(ofPersonWith: ada) == [ada])
        #expect(try ledger.links(ofPersonWith: bob).map(\.event.event.id) == ["2"])
        #expect(try ledger.links(ofPersonWith: ada).isEmpty)
    }

    @Test func aViewStaysAsItWas() throws {
        try ledger.append(event("1"))
        let (view, seen) = try ledger.view { 7 }
        try ledger.append(event("2", .optOut, bob))
        var found: [Identifier] = []
        try view.forEachSuppression { found.append($0.identifier) }
        #expect(found == [ada] && view.position == 1 && seen == 7)
        #expect(try ledger.allSuppressions().count == 2)
    }
}
