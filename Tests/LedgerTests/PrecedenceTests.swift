import Recipients
import Testing

@testable import Ledger

/// What lifts what. Each case appends events and says what is blocked for Ada's phone in the end.
@Suite struct PrecedenceTests {
    let directory: TemporaryDirectory
    let ledger: PreferenceLedger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try PreferenceLedger(path: directory.ledger)
    }

    private func blocked(_ events: PreferenceEvent..., scope: PreferenceScope = .everything) throws -> ChannelSet {
        for event in events { try ledger.append(event) }
        #expect(try ledger.verify().problems == [])
        return try ledger.check(ada).blockedChannels(in: scope)
    }

    @Test func laterOptInLiftsExactlyItsChannels() throws {
        #expect(try blocked(event("1"), event("2", .optIn, on: .init(.sms))) == [.init(.mms), .init(.rcs), .init(.whatsapp)])
    }

    @Test func laterOptOutBeatsAnyOptIn() throws {
        #expect(try blocked(event("1", .optIn), event("2", on: .init(.sms))) == .init(.sms))
        #expect(try blocked(event("3", .optIn), event("4", on: .init(.mms))) == .init(.mms))
    }

    @Test func optInToOneProgramLeavesTheRest() throws {
        let program = PreferenceScope.program("news")
        #expect(try blocked(event("1"), event("2", scope: program), event("3", .optIn, scope: program)) == .phoneMessages)
        #expect(try ledger.check(ada).blockedChannels(in: program) == [])
    }

    @Test func optInToEverythingLeavesAProgramStopped() throws {
        let program = PreferenceScope.program("news")
        #expect(try blocked(event("1", scope: program), event("2", .optIn), scope: program) == .phoneMessages)
    }

    @Test func aLateOptInFromBeforeTheOptOutLiftsNothing() throws {
        #expect(try blocked(event("1", asked: 2000), event("2", .optIn, asked: 1999)) == .phoneMessages)
        #expect(try blocked(event("3", .optIn, asked: 2000)) == [])
    }

    @Test func aLateOptOutFromBeforeTheOptInStillBlocks() throws {
        #expect(try blocked(event("1", .optIn, asked: 2000), event("2", asked: 1000)) == .phoneMessages)
    }

    @Test func aStartByTextLiftsOnlyWhatATextStopped() throws {
        #expect(try blocked(
            event("1", on: .init(.sms), method: .keyword), event("2", on: .init(.sms), method: .letter),
            event("3", .optIn, on: .init(.sms), method: .keyword)) == .init(.sms))
        #expect(try ledger.check(ada).holdings.map(\.event.event.id) == ["2"])
        #expect(try blocked(event("4", .optIn, on: .init(.sms), method: .preferenceCentre)) == [])
    }

    @Test func aRemovalLiftsWhateverTheWayTheAgeAndTheReach() throws {
        #expect(try blocked(
            event("1", method: .letter, asked: 9_000_000_000_000), event("2", reach: .person),
            event("3", .removal, on: .all)) == [])
    }

    @Test func anOptInForTheIdentifierLeavesAnOptOutOfThePerson() throws {
        #expect(try blocked(event("1", reach: .person), event("2", .optIn)) == .phoneMessages)
        #expect(try blocked(event("3", .optIn, reach: .person)) == [])
    }

    @Test func severalOptOutsBlockUntilEachIsLifted() throws {
        #expect(try blocked(
            event("1", on: .init(.sms), asked: 1000), event("2", on: [.init(.sms), .init(.voice)], asked: 3000),
            event("3", .optIn, on: .init(.sms), asked: 2000)) == [.init(.sms), .init(.voice)])
        let holding = try #require(ledger.check(ada).holdings.first)
        #expect(holding.event.event.id == "2" && holding.since == Timestamp(milliseconds: 3000))
    }

    @Test func personReachFollowsLinksMadeBeforeAndAfter() throws {
        try ledger.append(event("1", reach: .person))
        #expect(try ledger.check(adaMail).holdings.isEmpty)
        try ledger.append(event("2", .link, ada, with: adaMail))
        let explanation = try ledger.check(adaMail)
        #expect(explanation.blockedChannels == .phoneMessages && explanation.linked == [ada])
        #expect(explanation.holdings.map(\.via) == [ada])
        try ledger.append(event("3", .link, adaMail, with: bob))
        #expect(try ledger.check(bob).blockedChannels == .phoneMessages)
        #expect(try ledger.history(of: bob).map(\.event.id) == ["1", "2", "3"])
        // An opt-out of the identifier alone does not travel.
        try ledger.append(event("4", .optOut, bob, on: .init(.voice)))
        #expect(try ledger.check(ada).blockedChannels == .phoneMessages)
        #expect(try ledger.verify().isSound)
    }

    @Test func anUnlinkSplitsThePersonAndKeepsTheOptOut() throws {
        for event in [
            event("1", .link, ada, with: adaMail), event("2", .link, adaMail, with: bob), event("3", reach: .person),
            event("4", .unlink, ada, with: adaMail),
        ] { try ledger.append(event) }
        #expect(try ledger.check(ada).blockedChannels == .phoneMessages)
        #expect(try ledger.check(bob).blockedChannels == [] && ledger.check(bob).linked == [adaMail])
        #expect(try ledger.verify().isSound)
    }

    @Test func removalBySomeoneElsesLinkedIdentifierDoesNotLift() throws {
        try ledger.append(event("1", reach: .person))
        try ledger.append(event("2", .link, ada, with: adaMail))
        try ledger.append(event("3", .removal, adaMail, on: .all))
        #expect(try ledger.check(adaMail).blockedChannels == .phoneMessages)
    }

    @Test func reviewsChangeNothingAndWaitUntilResolved() throws {
        #expect(try blocked(event("r1", .needsReview, nil), event("r2", .needsReview, ada)) == [])
        #expect(try ledger.countNeedingReview() == 2)
        var settled = event("s", .reviewed, nil)
        settled.resolves = "r1"
        try ledger.append(settled)
        #expect(try ledger.eventsNeedingReview().map(\.event.id) == ["r2"])
        #expect(try ledger.countNeedingReview() == 1)
    }

    @Test func aPersonDoesNotGrowWithoutLimit() throws {
        let many = (0...PreferenceFold.personLimit).map { Identifier(kind: .external, value: "c\($0)") }
        let links = zip(many, many.dropFirst()).enumerated().map { event("l\($0)", .link, $1.0, with: $1.1) }
        try ledger.append(contentsOf: Array(links.dropLast()))
        #expect(throws: LedgerFailure.rejected(.personTooLarge(limit: 1000), eventID: "l999")) { try ledger.append(links[999]) }
        #expect(try ledger.check(many[0]).linked.count == 999)
    }
}
