import Foundation

/// Mails for SendGrid with known recipients, in any layout: members in any order, blanks anywhere, escapes in strings.
struct MailGenerator {
    /// SplitMix64: the seed of a failing case reproduces it.
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    static let blocked = ["gone@example.com", "left@example.org", "GONE@example.com", "gone+tag@example.com"]
    static let free = ["ann@example.com", "bob@example.org", "carol@example.net", "dan+x@example.com"]

    struct Personalization {
        var lists: [(name: String, emails: [String])]
        var others: [(String, String)]
    }

    /// What a mail says, without layout.
    struct Mail {
        var personalizations: [Personalization]
        var others: [(String, String)]
    }

    mutating func mail() -> Mail {
        let count = 1 + below(4)
        var personalizations: [Personalization] = []
        for _ in 0..<count {
            var lists: [(name: String, emails: [String])] = [("to", emails(1 + below(4)))]
            if chance(40) { lists.append(("cc", emails(below(3)))) }
            if chance(40) { lists.append(("bcc", emails(1 + below(3)))) }
            var others: [(String, String)] = []
            if chance(50) { others.append(("subject", #""Hello, [you]{1}""#)) }
            if chance(50) { others.append(("custom_args", #"{"id":"7","to":"gone@example.com"}"#)) }
            personalizations.append(Personalization(lists: lists, others: others))
        }
        var others = [("from", #"{"email":"news@shop.example"}"#), ("content", #"[{"type":"text/plain","value":"a \"b\" , ]"}]"#)]
        if chance(50) { others.append(("categories", #"["a","b"]"#)) }
        return Mail(personalizations: personalizations, others: others)
    }

    private mutating func emails(_ count: Int) -> [String] {
        (0..<count).map { _ in chance(35) ? Self.blocked[below(Self.blocked.count)] : Self.free[below(Self.free.count)] }
    }

    /// One way of writing `mail`.
    mutating func layOut(_ mail: Mail) -> [UInt8] {
        var members = [("personalizations", array(mail.personalizations.map { personalization($0) }))] + mail.others
        shuffle(&members)
        return Array(object(members).utf8)
    }

    private mutating func personalization(_ personalization: Personalization) -> String {
        var members = personalization.others
        for list in personalization.lists {
            members.append((list.name, array(list.emails.map { recipient($0) })))
        }
        shuffle(&members)
        return object(members)
    }

    private mutating func recipient(_ email: String) -> String {
        var members = [("email", string(email))]
        if chance(30) { members.append(("name", #""A, B""#)) }
        shuffle(&members)
        return object(members)
    }

    private mutating func string(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            out += chance(5) ? String(format: "\\u%04x", scalar.value) : String(scalar)
        }
        return out + "\""
    }

    private mutating func blank() -> String { chance(25) ? [" ", "\n", "\t", "  "][below(4)] : "" }

    private mutating func object(_ members: [(String, String)]) -> String {
        var parts: [String] = []
        for (name, value) in members { parts.append("\(blank())\"\(name)\"\(blank()):\(blank())\(value)\(blank())") }
        return "{\(parts.joined(separator: ","))}"
    }

    private mutating func array(_ items: [String]) -> String {
        var parts: [String] = []
        for item in items { parts.append("\(blank())\(item)\(blank())") }
        return "[\(parts.joined(separator: ","))]"
    }

    private mutating func shuffle<Element>(_ list: inout [Element]) {
        for index in list.indices.dropFirst() { list.swapAt(index, below(index + 1)) }
    }
}
