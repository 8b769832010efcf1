/// A mail for SendGrid, written as the bytes of an input decide.
struct MailFromChoices {
    static let blocked = ["gone@example.com", "LEFT@example.org", "gone+tag@example.com", "left@Example.org"]
    static let free = ["ann@example.com", "bob@example.org", "carol@example.net", "\u{e4}nn@example.com"]

    private let choices: [UInt8]
    private var next = 0
    private var text = ""

    init(_ choices: [UInt8]) { self.choices = choices }

    /// Input that has run out chooses 0.
    private mutating func choose(_ count: Int) -> Int {
        guard next < choices.count else { return 0 }
        defer { next += 1 }
        return Int(choices[next]) % count
    }

    mutating func write() -> [UInt8] {
        text = ""
        var members: [(inout MailFromChoices) -> Void] = [
            { $0.member("personalizations") { $0.list($0.choose(4) + 1) { $0.personalization() } } },
            { $0.member("from") { $0.text += #"{"email":"gone@example.com"}"# } },
            { $0.member("content") { $0.text += #"[{"type":"text/plain","value":"a \"b\" , ] }"}]"# } },
        ]
        if choose(2) == 1 { members.append { $0.member("categories") { $0.text += #"["a","b"]"# } } }
        object(members)
        blank()
        return Array(text.utf8)
    }

    private mutating func personalization() {
        var members: [(inout MailFromChoices) -> Void] = [
            { $0.member("to") { $0.list($0.choose(4) + 1) { $0.mailbox() } } }
        ]
        if choose(2) == 1 { members.append { $0.member("cc") { $0.list($0.choose(3)) { $0.mailbox() } } } }
        if choose(2) == 1 { members.append { $0.member("bcc") { $0.list($0.choose(3)) { $0.mailbox() } } } }
        if choose(2) == 1 { members.append { $0.member("custom_args") { $0.text += #"{"to":"gone@example.com"}"# } } }
        if choose(4) == 1 { members.append { $0.member("subject") { $0.text += #""[a],{b}""# } } }
        object(members)
    }

    private mutating func mailbox() {
        var members: [(inout MailFromChoices) -> Void] = [{ $0.member("email") { $0.address() } }]
        if choose(3) == 1 { members.append { $0.member("name") { $0.text += #""Doe, \"Jo\"""# } } }
        object(members)
    }

    private mutating func address() {
        let choice = choose(Self.blocked.count + Self.free.count)
        let address = choice < Self.blocked.count ? Self.blocked[choice] : Self.free[choice - Self.blocked.count]
        // One character may be written as an escape.
        let escaped = choose(8) == 1 ? choose(address.unicodeScalars.count) : -1
        text += "\""
        for (index, scalar) in address.unicodeScalars.enumerated() {
            guard index == escaped else { text.unicodeScalars.append(scalar); continue }
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        text += "\""
    }

    private mutating func object(_ members: [(inout MailFromChoices) -> Void]) {
        var members = members
        text += "{"
        var isFirst = true
        while !members.isEmpty {
            if !isFirst { text += "," }
            isFirst = false
            blank()
            members.remove(at: choose(members.count))(&self)
            blank()
        }
        text += "}"
    }

    private mutating func member(_ name: String, _ value: (inout MailFromChoices) -> Void) {
        text += "\"\(name)\""
        blank()
        text += ":"
        blank()
        value(&self)
    }

    private mutating func list(_ count: Int, _ item: (inout MailFromChoices) -> Void) {
        text += "["
        blank()
        for index in 0..<count {
            if index > 0 { text += "," }
            blank()
            item(&self)
            blank()
        }
        text += "]"
    }

    private mutating func blank() { text += ["", "", "", " ", "\n", "\t\r\n "][choose(6)] }
}
