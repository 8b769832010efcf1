/// Makes the requests of a scenario beforehand, so that sending one costs no more than its bytes.
struct RequestFactory {
    private let kinds: [RequestKind]
    private let target: Target
    private let usesPrefix: Bool
    private let isChecked: Bool
    /// How many people are suppressed, of each kind; `nil` for as many as it takes.
    private let suppressions: Int?

    /// Different requests of all kinds together, and the most people and bytes they may take.
    private static let count = 4096
    private static let peopleLimit = 400_000
    private static let byteLimit = 256 << 20

    init(_ kinds: [RequestKind], target: Target, usesPrefix: Bool, isChecked: Bool, suppressions: Int?) {
        self.suppressions = suppressions
        self.kinds = kinds
        self.target = target
        self.usesPrefix = usesPrefix
        self.isChecked = isChecked
    }

    /// A shuffled list to be sent round and round, in which every kind has its share.
    func make() -> [PreparedRequest] {
        let total = kinds.reduce(0) { $0 + $1.weight }
        var random = SystemRandomNumberGenerator()
        var made: [PreparedRequest] = []
        var person = 0
        for kind in kinds {
            let wanted = Int(Double(Self.count) * kind.weight / total)
            let affordable = min(kind.size == 0 ? wanted : Self.byteLimit / kinds.count / kind.size, Self.peopleLimit / max(1, kind.recipients))
            // A share of the suppressed people needs enough requests to be met.
            for _ in 0..<max(1, min(wanted, affordable)) { made.append(request(kind, &person, &random)) }
        }
        return made.shuffled()
    }

    private func request(_ kind: RequestKind, _ person: inout Int, _ random: inout SystemRandomNumberGenerator) -> PreparedRequest {
        var people: [(index: Int, isSuppressed: Bool)] = []
        for _ in 0..<max(1, kind.provider == .twilio ? 1 : kind.recipients) {
            person += 1
            let isSuppressed = Double.random(in: 0..<1, using: &random) < kind.suppressed
            // No more addresses than numbers are loaded, and never more than a million.
            people.append((isSuppressed ? person % min(suppressions ?? .max, 1_000_000) : person, isSuppressed))
        }
        let expectation: PreparedRequest.Expectation = isChecked && people.allSatisfy(\.isSuppressed) ? .blocked : .sent
        let (call, contentType, body) = content(kind, people)
        return PreparedRequest(
            path: usesPrefix ? "/\(kind.provider.rawValue)" + call : call, authority: target.authority, contentType: contentType, body: Array(body.utf8),
            expectation: expectation)
    }

    /// A send as the provider's own client library words it: path, content type, body.
    private func content(_ kind: RequestKind, _ people: [(index: Int, isSuppressed: Bool)]) -> (String, String, String) {
        let form = "application/x-www-form-urlencoded", json = "application/json"
        let phones = people.map { People.phone($0.index, isSuppressed: $0.isSuppressed) }
        let mails = people.map { People.mail($0.index, isSuppressed: $0.isSuppressed) }
        switch kind.provider {
        case .twilio:
            let start = "To=\(phones[0].replacing("+", with: "%2B"))&From=%2B15005550006&Body="
            return ("/2010-04-01/Accounts/AC1/Messages.json", form, filled(start, "", kind, least: 90, with: "Your+table+is+ready+at+seven.+"))
        case .messagebird:
            let start = #"{"originator":"Shop","recipients":[\#(phones.map { #""\#($0)""# }.joined(separator: ","))],"body":""#
            return ("/messages", json, filled(start, #""}"#, kind, least: 90, with: "Your table is ready at seven. "))
        case .sendgrid:
            let personalizations = zip(people, mails).map { person, mail in
                #"{"to":[{"email":"\#(mail)","name":"Reader \#(person.index)"}],"dynamic_template_data":{"order":"\#(person.index)"}}"#
            }
            let start = #"{"personalizations":[\#(personalizations.joined(separator: ","))],"from":{"email":"news@example.org"},"#
                + #""subject":"Your order","content":[{"type":"text/html","value":""#
            return ("/v3/mail/send", json, filled(start, #""}]}"#, kind, least: 200))
        case .postmark:
            let start = #"{"From":"news@example.org","To":"\#(mails.joined(separator: ", "))","Subject":"Your order","HtmlBody":""#
            return ("/email", json, filled(start, #""}"#, kind, least: 200))
        case .resend:
            let to = mails.map { #""\#($0)""# }.joined(separator: ",")
            return ("/emails", json, filled(#"{"from":"news@example.org","to":[\#(to)],"subject":"Your order","html":""#, #""}"#, kind, least: 200))
        case .mailgun:
            let to = mails.map { "to=\($0.replacing("@", with: "%40"))" }.joined(separator: "&")
            return ("/v3/example.org/messages", form, filled("from=news%40example.org&\(to)&subject=Your+order&html=", "", kind, least: 200))
        }
    }

    /// A body with as much text between `start` and `end` as makes it `size` bytes long.
    private func filled(_ start: String, _ end: String, _ kind: RequestKind, least: Int, with text: String = "x") -> String {
        let wanted = max(least, kind.size - start.utf8.count - end.utf8.count)
        return start + String(repeating: text, count: (wanted + text.utf8.count - 1) / text.utf8.count) + end
    }
}
