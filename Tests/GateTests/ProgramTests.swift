import Adapters
import Bytes
import Gate
import Recipients
import Suppression
import Testing

/// Which look-ups a send is judged by, with and without a program.
@Suite struct ProgramTests {
    /// Suppressions by their very keys.
    private struct Keys: SuppressionLookup {
        var channels: [RecipientKey: ChannelSet]
        var version: UInt64 { 1 }
        var ledgerPosition: UInt64 { 0 }
        func blockedChannels(_ key: RecipientKey) -> ChannelSet { channels[key] ?? [] }
    }

    private static let ann: RecipientKey = {
        guard let identifier = try? CanonicalIdentifier(parsing: "ann@example.com", rules: .standard) else { fatalError("an address") }
        return identifier.keys(secret: Fixture.secret)[0]
    }()

    private func verdict(_ inspector: inout Inspector, _ key: RecipientKey, _ channels: ChannelSet = .all) -> Verdict {
        let body = Array(#"{"personalizations":[{"to":[{"email":"ann@example.com"}]}],"from":{"email":"n@shop.example"}}"#.utf8)
        let json = Array("application/json".utf8)
        return inspector.inspect(
            Fixture.sendgrid, contentType: json.span, query: [UInt8]().span, body: body.span, isSigned: false,
            suppressions: Keys(channels: [key: channels]))
    }

    @Test func theProgramDecidesWhatElseIsLookedUp() {
        let news = ProgramKey("news", secret: Fixture.secret), orders = ProgramKey("orders", secret: Fixture.secret)
        let any = ProgramKey.any(secret: Fixture.secret)
        var inspector = Fixture.inspector()
        // A send that names no program is blocked by what stands under any of them.
        #expect(inspector.program == any && inspector.anyProgram == any)
        for (program, blocking) in [(news, [news]), (orders, [orders]), (any, [any])] {
            inspector.program = program
            #expect(verdict(&inspector, Self.ann) == .reject, "everything is everything")
            #expect(verdict(&inspector, Self.ann, ChannelSet(.sms)) == .allow, "on another channel")
            for other in [news, orders, any] {
                #expect(verdict(&inspector, other.key(of: Self.ann)) == (blocking.contains(other) ? .reject : .allow))
            }
        }
    }

    @Test func keysOfProgramsAreTheirOwn() {
        var keys: Set<RecipientKey> = [Self.ann]
        for number in 0..<1000 { keys.insert(ProgramKey("p\(number)", secret: Fixture.secret).key(of: Self.ann)) }
        #expect(keys.count == 1001)
        #expect(ProgramKey("p", secret: Fixture.secret).key(of: ProgramKey("p", secret: Fixture.secret).key(of: Self.ann)) == Self.ann)
        guard let other = DigestSecret([UInt8](repeating: 9, count: 16)) else { fatalError("16 bytes") }
        #expect(ProgramKey("p", secret: other) != ProgramKey("p", secret: Fixture.secret))
    }
}
