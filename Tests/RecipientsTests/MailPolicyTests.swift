import Testing

@testable import Recipients

@Suite struct MailPolicyTests {
    @Test func theBaseCoversItsTags() {
        let base = stored("jo@example.com")
        for sent in ["jo+news@example.com", "Jo+@example.com", "jo+a+b@Example.com", "\"jo+x\"@example.com", "jo＋x@example.com"] {
            #expect(!judge(sent, .email).keys.isDisjoint(with: base), "\(sent)")
        }
        #expect(judge("jo-news@example.com", .email).keys.isDisjoint(with: base))
    }

    @Test func aTagCoversItselfOnly() {
        let tagged = stored("jo+news@example.com")
        #expect(!judge("JO+News@example.com", .email).keys.isDisjoint(with: tagged))
        #expect(judge("jo@example.com", .email).keys.isDisjoint(with: tagged))
        #expect(judge("jo+other@example.com", .email).keys.isDisjoint(with: tagged))
    }

    @Test func aPlusInFrontIsNoTag() {
        #expect(judge("+jo@example.com", .email).keys.count == 1)
        #expect(judge("+jo+x@example.com", .email).keys == stored("+jo+x@example.com").union(stored("+jo@example.com")))
    }

    @Test func tagsMayBePolicyOff() {
        let exact = rules(tags: false)
        #expect(judge("jo+news@example.com", .email, exact).keys.isDisjoint(with: stored("jo@example.com", nil, exact)))
        #expect(!judge("jo+news@example.com", .email, exact).keys.isDisjoint(with: stored("jo+news@example.com", nil, exact)))
    }

    static let gmail = [
        "jodoe@gmail.com", "jo.doe@gmail.com", "j.o.d.o.e@gmail.com", "JoDoe@Gmail.com", "jodoe@googlemail.com",
        "jo.doe+news@gmail.com", "jodoe+a@googlemail.com", "\"jo.doe\"@gmail.com", "jo..doe@gmail.com", "jodoe.@gmail.com",
    ]

    @Test(arguments: gmail)
    func gmailIsOneMailbox(optedOut: String) {
        for sent in Self.gmail {
            #expect(!judge(sent, .email).keys.isDisjoint(with: stored(optedOut)), "\(sent)")
        }
        #expect(judge("jo_doe@gmail.com", .email).keys.isDisjoint(with: stored(optedOut)))
        #expect(judge("jodoe@example.com", .email).keys.isDisjoint(with: stored(optedOut)))
        #expect(judge("jo.doe@gmail.com.example.com", .email).keys.isDisjoint(with: stored(optedOut)))
        #expect(judge("jo.doe@notgmail.com", .email).keys.isDisjoint(with: stored(optedOut)))
    }

    @Test func gmailDotsMayBePolicyOff() {
        let exact = rules(tags: false, gmail: false)
        for sent in Self.gmail.dropFirst() where !sent.lowercased().hasPrefix("jodoe@gmail") {
            #expect(judge(sent, .email, exact).keys.isDisjoint(with: stored("jodoe@gmail.com", nil, exact)), "\(sent)")
        }
    }

    /// An opt-out stored under one policy still meets its own spelling under the other.
    @Test func aChangeOfPolicyKeepsTheExactMatch() {
        let (on, off) = (rules(), rules(tags: false, gmail: false))
        for text in Self.gmail {
            #expect(!judge(text, .email, off).keys.isDisjoint(with: stored(text, nil, on)))
            #expect(!judge(text, .email, on).keys.isDisjoint(with: stored(text, nil, off)))
        }
        #expect(on.fingerprint != off.fingerprint)
    }

    @Test func dotsMeanSomethingElsewhere() {
        #expect(judge("j.o@example.com", .email).keys.isDisjoint(with: stored("jo@example.com")))
    }

    @Test func onlyPunctuationAtGmailHasNoMailbox() {
        #expect(judge("+x@gmail.com", .email).keys == stored("+x@gmail.com"))
    }
}
