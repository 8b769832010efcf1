import Testing

@testable import Recipients

@Suite struct MailSpellingTests {
    /// Spellings of jo.doe@example.com that every parser reads alike.
    static let agreed = [
        "jo.doe@example.com", "Jo.Doe@example.com", "JO.DOE@EXAMPLE.COM", "jo.doe@Example.Com", "jO.dOE@eXAMPLE.cOM",
        "<jo.doe@example.com>", "<Jo.Doe@Example.com>", "Jo <jo.doe@example.com>", "Jo Doe <jo.doe@example.com>",
        "Jo Doe<jo.doe@example.com>", "Jo  Doe  <jo.doe@example.com>", "Jo Q. Doe <jo.doe@example.com>",
        "\"Doe, Jo\" <jo.doe@example.com>", "\"Jo Doe\"<jo.doe@example.com>", "\"\" <jo.doe@example.com>",
        "\"Jo; Doe: Inc.\" <jo.doe@example.com>", "\"Jo (Sales)\" <jo.doe@example.com>", "José Doe <jo.doe@example.com>",
        "\"José, Doe\" <jo.doe@example.com>", "ジョー <jo.doe@example.com>", "=?utf-8?Q?Jos=C3=A9?= <jo.doe@example.com>",
        "=?UTF-8?B?Sm8=?= =?UTF-8?B?RG9l?= <jo.doe@example.com>", "\"jo.doe@example.com\" <jo.doe@example.com>",
        "\"Jo.Doe@Example.com\" <jo.doe@example.com>", " jo.doe@example.com", "jo.doe@example.com ", "  jo.doe@example.com  ",
        "\tjo.doe@example.com", "Jo\tDoe <jo.doe@example.com>", "Jo\r\n Doe <jo.doe@example.com>",
        "\"A long name\"\r\n <jo.doe@example.com>", "\r\n jo.doe@example.com", "< jo.doe@example.com >", "O'Doe <jo.doe@example.com>",
        "Jo & Co! <jo.doe@example.com>", "100% Jo <jo.doe@example.com>", "Jo 👩‍👩‍👧 <jo.doe@example.com>",
        "Jo Doe <JO.DOE@EXAMPLE.COM> ", "jo <jo.doe@example.com>",
    ]

    /// Spellings over which parsers differ.
    static let unusual = [
        "\"jo.doe\"@example.com", "\"jo\".doe@example.com", "jo.\"doe\"@example.com", "\"jo\".\"doe\"@example.com",
        "\"jo\\.doe\"@example.com", "\"\\j\\o.doe\"@example.com", "\"Jo.Doe\"@EXAMPLE.com", "<\"jo.doe\"@example.com>",
        "Jo <\"jo.doe\"@example.com>", "(c)jo.doe@example.com", "jo.doe(c)@example.com", "jo(c).doe@example.com",
        "jo.(c)doe@example.com", "jo.doe@(c)example.com", "jo.doe@example(c).com", "jo.doe@example.(c)com",
        "jo.doe@example.com(c)", "jo.doe@example.com (Jo Doe)", "(Jo) jo.doe@example.com", "(a(b)c) jo.doe@example.com",
        "(a\\)b) jo.doe@example.com", "(a@b.com) jo.doe@example.com", "(<a@b.com>) jo.doe@example.com",
        "Jo (Sales) <jo.doe@example.com>", "Jo <jo.doe@example.com> (Sales)", "Jo <jo.doe(c)@example.com>",
        "jo.doe @example.com", "jo.doe@ example.com", "jo.doe @ example.com", "jo . doe@example.com", "jo.doe@example . com",
        "jo.doe@example .com", "jo .doe@example.com", "<jo.doe @example.com>", "jo.doe\r\n @example.com", "jo.doe@\r\n\texample.com",
        "jo.doe\t@example.com", "jo.doe@example.com.", "Jo <jo.doe@example.com.>", "jo.doe@EXAMPLE.COM.",
        "ｊｏ.ｄｏｅ@example.com", "jo．doe@example.com", "jo.doe@ｅｘａｍｐｌｅ.com", "jo.doe@example．com", "jo.doe@example。com",
        "jo.doe@example｡com", "jo.doe@ⓔⓧⓐⓜⓟⓛⓔ.com", "jo.doe@𝐞𝐱𝐚𝐦𝐩𝐥𝐞.com", "jo.doe@𝕖𝕩𝕒𝕞𝕡𝕝𝕖.𝕔𝕠𝕞", "𝓳𝓸.𝓭𝓸𝓮@example.com",
        "ⓙⓞ.ⓓⓞⓔ@example.com", "ｊｏ.doe@ｅｘａｍｐｌｅ．ｃｏｍ", "ＪＯ.ＤＯＥ@ＥＸＡＭＰＬＥ.ＣＯＭ", "jo.doe@ｅｘａｍｐｌｅ．ｃｏｍ．", "ʲᵒ.doe@example.com",
        "\"a@b.com\" <jo.doe@example.com>", "a@b.com <jo.doe@example.com>", "\"<a@b.com>\" <jo.doe@example.com>",
        "Jo@Work <jo.doe@example.com>", "Jo＠Work <jo.doe@example.com>", "\"Jo \\\"X\\\" Doe\" <jo.doe@example.com>",
        "\"Jo\" \"Doe\" <jo.doe@example.com>", "\"Jo\" Doe <jo.doe@example.com>", "Jo \"X\" Doe <jo.doe@example.com>",
        "[Jo] <jo.doe@example.com>", "J＜o <jo.doe@example.com>", "\"jo.doe\" @ example.com", "((c)) jo.doe @ example . com",
    ]

    static let key = stored("jo.doe@example.com")

    @Test(arguments: agreed)
    func agreedSpellingsShareTheKey(text: String) {
        let judged = judge(text, .email)
        #expect(judged.keys == Self.key, "\(judged)")
        #expect(judged.spelling == .agreed)
        #expect(stored(text) == Self.key)
    }

    @Test(arguments: unusual)
    func unusualSpellingsShareTheKeyAndAreMarked(text: String) {
        let judged = judge(text, .email)
        #expect(judged.keys == Self.key, "\(judged)")
        #expect(judged.spelling == .unusual)
        #expect(stored(text) == Self.key)
    }

    @Test func theListsAreLongEnough() {
        #expect(Set(Self.agreed + Self.unusual).count >= 100)
        #expect(Self.agreed.count + Self.unusual.count == Set(Self.agreed + Self.unusual).count)
    }

    static let nearMisses = [
        "jo.doe@example.org", "jo.doe@example.co", "jo.doe@example.con", "jo.doe@examp1e.com", "jo.doe@sub.example.com",
        "jo.doe@example.com.au", "jodoe@example.com", "jo.do@example.com", "jo.doee@example.com", "ojdoe@example.com",
        "jo_doe@example.com", "jo-doe@example.com", "jo.doe@exam-ple.com", "j.doe@example.com", "jo..doe@example.com",
        "jo.doe@еxample.com", "jo.doe@examplе.com", "jо.doe@example.com", "jo.doe@exаmple.com", "jo.doe@example.соm",
        "jo.doé@example.com", "jo.doe@éxample.com", "jo.doe-tag@example.com", "tag+jo.doe@example.com", "jo@example.com",
        "\"jo.doe \"@example.com", "\"jo. doe\"@example.com", "jo.doe@xn--xample-2of.com", "Jo Doe <jo.do@example.com>",
        "\"jo.doe@example.com\" <jo.roe@example.com>",
    ]

    @Test(arguments: nearMisses)
    func nearMissesStayApart(text: String) {
        #expect(judge(text, .email).keys.isDisjoint(with: Self.key))
        #expect(stored(text).isDisjoint(with: Self.key))
    }

    /// Each spelling of one international domain, and whether it may be forwarded.
    @Test(arguments: [
        ("jo@bücher.example", Spelling.agreed), ("jo@xn--bcher-kva.example", .agreed), ("jo@XN--BCHER-KVA.example", .agreed),
        ("JO@bücher.example", .agreed), ("Jo <jo@bücher.example>", .agreed), ("jo@BÜCHER.example", .unusual),
        ("jo@bu\u{308}cher.example", .unusual), ("jo@bücher。example", .unusual), ("jo@bücher.ＥＸＡＭＰＬＥ", .unusual),
        ("jo@ｂücher.example", .unusual), ("jo@bücher.example.", .unusual), ("jo@XN--bcher-kva.example.", .unusual),
    ])
    func internationalDomainsShareOneKey(text: String, spelling: Spelling) {
        let judged = judge(text, .email)
        #expect(judged.keys == stored("jo@bücher.example"))
        #expect(judged.spelling == spelling)
    }

    @Test func bothReadingsOfADeviationCharacterAreLookedUp() {
        let judged = judge("jo@faß.example", .email)
        #expect(judged.spelling == .unusual)
        #expect(!judged.keys.isDisjoint(with: stored("jo@xn--fa-hia.example")))
        #expect(!judged.keys.isDisjoint(with: stored("jo@fass.example")))
        #expect(stored("jo@faß.example") == stored("jo@xn--fa-hia.example"))
        let tagged = judge("jo+tag@faß.example", .email)
        #expect(!tagged.keys.isDisjoint(with: stored("jo@fass.example")))
    }

    @Test(arguments: [
        ("josé@example.com", "JOSÉ@example.com"), ("josé@example.com", "jose\u{301}@example.com"), ("straße@example.com", "STRASSE@example.com"),
        ("σίσυφος@example.com", "ΣΊΣΥΦΟΣ@example.com"), ("ﬁsh@example.com", "fish@example.com"), ("ǆ@example.com", "Ǆ@example.com"),
        ("用户@example.com", "用户@EXAMPLE.COM"), ("\"josé\"@example.com", "josé@example.com"),
    ])
    func internationalLocalPartsFold(one: String, other: String) {
        #expect(!stored(one).isEmpty)
        #expect(stored(one) == stored(other))
        #expect(judge(one, .email).keys == judge(other, .email).keys)
    }

    static let refused: [(String, IdentifierProblem)] = [
        ("", .empty), (" ", .noAtSign), ("jo", .noAtSign), ("jo.example.com", .noAtSign), ("@example.com", .emptyLocalPart),
        ("<@example.com>", .emptyLocalPart), ("\"\"@example.com", .emptyLocalPart), ("jo@", .badDomain), ("jo@.", .badDomain),
        ("jo@com", .badDomain), ("jo@localhost", .badDomain), ("jo@.example.com", .badDomain), ("jo@example..com", .badDomain),
        ("jo@example.com..", .badDomain), ("jo@-example.com", .badDomain), ("jo@example-.com", .badDomain),
        ("jo@exa_mple.com", .badDomain), ("jo@exam ple.com", .badDomain), ("jo@example.com,", .severalMailboxes),
        ("jo@1.2.3.4", .badDomain), ("jo@example.123", .badDomain), ("jo@[1.2.3.4]", .domainLiteral),
        ("jo@[IPv6:2001:db8::1]", .groupSyntax), ("<jo@[1.2.3.4]>", .domainLiteral), ("jo@xn--.example", .badDomain),
        ("jo@xn--a.example", .badDomain), ("jo@xn--example-.com", .badDomain), ("jo@example/.com", .badDomain),
        ("jo@ex\"am\"ple.com", .badDomain), ("jo@" + String(repeating: "a", count: 64) + ".com", .badDomain),
        ("jo@" + String(repeating: "a.", count: 130) + "com", .badDomain), ("jo%example.org@example.com", .percentRouting),
        ("example.org!jo@example.com", .percentRouting), ("\"jo%x\"@example.com", .percentRouting), ("jo@example%2ecom", .percentRouting),
        ("jo％x@example.com", .percentRouting), ("jo@a.com@b.com", .severalAtSigns), ("jo@@example.com", .severalAtSigns),
        ("jo＠x@example.com", .severalAtSigns), ("<@a.com,@b.com:jo@c.com>", .sourceRoute), ("<@a.com:jo@c.com>", .sourceRoute),
        ("@a.com@b.com", .sourceRoute), ("a@x.com,b@x.com", .severalMailboxes), ("a@x.com;b@x.com", .severalMailboxes),
        ("a@x.com b@x.com", .badDomain), ("Doe, Jo <jo@example.com>", .severalMailboxes), ("Team: jo@example.com;", .groupSyntax),
        ("undisclosed-recipients:;", .groupSyntax), ("mailto:jo@example.com", .groupSyntax), ("\"jo@example.com", .unbalancedQuote),
        ("\"jo\\", .unbalancedQuote), ("(jo@example.com", .unbalancedComment), ("(a(b)jo@example.com", .unbalancedComment),
        ("<jo@example.com", .unbalancedAngle), ("jo@example.com>", .unbalancedAngle), ("<<jo@example.com>>", .unbalancedAngle),
        ("<jo@example.com> x", .unbalancedAngle), ("<a@x.com><b@x.com>", .unbalancedAngle), ("Jo <>", .noAtSign),
        ("jo doe@example.com", .badLocalPart), ("jo\"doe\"@example.com", .badLocalPart), ("\"jo\"doe@example.com", .badLocalPart),
        ("jo\\@example.com", .badLocalPart), ("[jo]@example.com", .badLocalPart), ("jo）@example.com", .badLocalPart),
        ("jo\u{3000}doe@example.com", .badLocalPart), ("=?utf-8?Q?jo?=@example.com", .encodedWord),
        ("Jo <=?utf-8?B?am8=?=@example.com>", .encodedWord), ("jo\u{0}@example.com", .controlCharacter),
        ("jo@example.com\n", .controlCharacter), ("jo@example.com\r\nBcc: x@y.com", .controlCharacter),
        ("jo\u{7f}@example.com", .controlCharacter), ("jo\n@example.com", .controlCharacter), ("jo\u{85}@example.com", .controlCharacter),
        ("\"jo\u{1}\"@example.com", .controlCharacter), ("\"jo\t\"@example.com", .controlCharacter),
        ("jo\u{200b}@example.com", .invisibleCharacter), ("jo@exa\u{ad}mple.com", .invisibleCharacter),
        ("jo@example\u{200d}.com", .invisibleCharacter), ("\u{202e}jo@example.com", .invisibleCharacter),
        ("jo\u{feff}@example.com", .invisibleCharacter), ("jo@\u{2066}example.com", .invisibleCharacter),
        ("jo\u{fe0f}@example.com", .invisibleCharacter), ("jo\u{e000}@example.com", .invisibleCharacter),
        (String(repeating: "a", count: 320) + "@example.com", .tooLong), (String(repeating: "x", count: 2049), .tooLong),
    ]

    @Test(arguments: refused)
    func refusesWithTheCause(text: String, problem: IdentifierProblem) {
        let judged = judge(text, .email)
        #expect(judged.problem == problem, "\(judged)")
    }

    @Test func refusesWhatIsNotText() {
        #expect(Judgement([0x6a, 0xff, 0x40, 0x78, 0x2e, 0x79, 0x7a], .email, rules()).problem == .invalidEncoding)
        #expect(Judgement(Array("J\u{e9} <jo@example.com>".unicodeScalars.map { UInt8($0.value) }), .email, rules()).problem == .invalidEncoding)
    }

    @Test func theLongestAddressFits() {
        let domain = String(repeating: String(repeating: "d", count: 60) + ".", count: 4) + "example"
        let local = String(repeating: "l", count: 320 - 1 - domain.count)
        #expect(judge("\(local)@\(domain)", .email).spelling == .agreed)
        #expect(judge("\(local)l@\(domain)", .email).problem == .tooLong)
    }
}
