import Adapters
import Foundation
import Recipients

/// Bodies for an endpoint that has a place of every form, with recipients of whom some have opted out.
struct PlaceGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    static let numbers = ["+14155550111", "+14155550112", "+14155550113", "+14155550114"]
    static let stopped = ["+14155550100", "14155550100", "+1 415 555 0100"]
    static let addresses = ["ann@example.com", "bob@example.net", "Ann Lee <lee@example.com>", "\"Doe, Jo\" <jo@example.com>"]
    static let gone = ["gone@example.com", "GONE@example.com", "left@example.org", "Gone <gone@example.com>"]

    static func spec(_ spec: inout EndpointSpec) {
        spec.strip = [
            StripSpec(remove: "to[*]", whenEmpty: .remove("to"), with: ["names.{recipient}"]),
            StripSpec(remove: "people[*]", whenEmpty: .remove("people")),
            StripSpec(remove: "map.{*}", whenEmpty: .keep),
            StripSpec(remove: "less", whenEmpty: .remove("less"), aligned: ["delays"]),
            StripSpec(remove: "mails", whenEmpty: .keep),
            StripSpec(remove: "batch[*].to", whenEmpty: .remove("batch[*]")),
            StripSpec(remove: "batch[*]", whenEmpty: .remove("batch")),
        ]
        spec.data = ["names", "text", "people[*].address.name", "batch[*].n"]
    }

    static let recipients: [RecipientSpec] = [
        LanguageFixture.phone("to"), LanguageFixture.phone("to[*]"), LanguageFixture.slot("people[*].address", nil),
        LanguageFixture.slot("people[*].address.email", .email), LanguageFixture.phone("map.{*}"),
        LanguageFixture.phone("less") { $0.list = .lessThan }, LanguageFixture.mail("mails") { $0.list = .mailboxes },
        LanguageFixture.phone("batch[*].to") { $0.list = .comma },
    ]

    // MARK: Bodies

    mutating func below(_ n: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % n
    }

    private mutating func phone() -> String { below(3) == 0 ? Self.stopped[below(3)] : Self.numbers[below(4)] }
    private mutating func mail() -> String { below(3) == 0 ? Self.gone[below(4)] : Self.addresses[below(4)] }
    private mutating func several(_ most: Int, _ make: (inout PlaceGenerator) -> String) -> [String] {
        (0...below(most)).map { _ in make(&self) }
    }

    /// A body as text; its members in any order, blanks and escapes anywhere they may be.
    mutating func body() -> String {
        var members: [String] = [quoted("text") + ":" + blanks() + quoted("hello")]
        if below(2) == 0 {
            if below(3) == 0 { members.append(member("to", quoted(phone()))) } else { members.append(member("to", list(several(4) { $0.phone() }.map { quoted($0) }))) }
            var names: [String: String] = [:]
            for key in several(3, { $0.phone() }) { names[key] = "x" }
            members.append(member("names", object(names.keys.sorted().map { member($0, quoted("x")) })))
        }
        if below(2) == 0 {
            let people = several(3) { generator in
                let mail = generator.mail().components(separatedBy: "<").last ?? ""
                let address = mail.replacingOccurrences(of: ">", with: "")
                let value = generator.below(2) == 0 ? generator.quoted(generator.below(2) == 0 ? address : generator.phone())
                    : generator.object([generator.member("email", generator.quoted(address)), generator.member("name", generator.quoted("N"))])
                return generator.object([generator.member("address", value)])
            }
            members.append(member("people", list(people)))
        }
        if below(2) == 0 {
            let keys = Set(several(3) { $0.phone() }).sorted()
            members.append(member("map", object(keys.map { member($0, "{}") })))
        }
        if below(2) == 0 {
            let numbers = several(4) { $0.phone() }
            members.append(member("less", quoted(numbers.joined(separator: below(2) == 0 ? "<" : " < "))))
            members.append(member("delays", quoted(numbers.indices.map { "\($0)" }.joined(separator: "<"))))
        }
        if below(2) == 0 { members.append(member("mails", quoted(several(4) { $0.mail() }.joined(separator: ", ")))) }
        if below(2) == 0 {
            let batch = several(3) { generator in
                let numbers = generator.several(2) { $0.phone() }.joined(separator: ",")
                return generator.object([generator.member("to", generator.quoted(numbers)), generator.member("n", "1")])
            }
            members.append(member("batch", list(batch)))
        }
        members.shuffle(using: &self)
        return "{" + blanks() + members.joined(separator: blanks() + "," + blanks()) + blanks() + "}"
    }

    private mutating func blanks() -> String { ["", "", " ", "\n", "\t "][below(5)] }
    private mutating func member(_ name: String, _ value: String) -> String { quoted(name) + blanks() + ":" + blanks() + value }
    private mutating func list(_ items: [String]) -> String { "[" + blanks() + items.joined(separator: blanks() + "," + blanks()) + "]" }
    private mutating func object(_ members: [String]) -> String { "{" + members.joined(separator: "," + blanks()) + blanks() + "}" }

    /// A JSON string, some of its characters escaped.
    private mutating func quoted(_ text: String) -> String {
        let escapes = below(4) == 0
        var out = "\""
        for scalar in text.unicodeScalars {
            if escapes && below(3) == 0 {
                out += String(format: "\\u%04x", scalar.value)
            } else {
                out += scalar == "\"" ? "\\\"" : String(Character(scalar))
            }
        }
        return out + "\""
    }
}

extension PlaceGenerator: RandomNumberGenerator {
    mutating func next() -> UInt64 { UInt64(below(1 << 30)) << 32 | UInt64(below(1 << 30)) }
}
