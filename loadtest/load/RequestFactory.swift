/// Makes the requests of a scenario beforehand, so that sending one costs no more than its bytes.
struct RequestFactory {
    private let kinds: [RequestKind]
    private let target: Target
    private let usesPrefix: Bool
    private let isChecked: Bool

    /// Different requests of all kinds together, and the most bytes they may take.
    private static let count = 4096
    private static let byteLimit = 256 << 20

    init(_ kinds: [RequestKind], target: Target, usesPrefix: Bool, isChecked: Bool) {
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
            let affordable = kind.size == 0 ? wanted : Self.byteLimit / kinds.count / kind.size
            // A share of the suppressed people needs enough requests to be met.
            for _ in 0..<max(1, min(wanted, affordable)) { made.append(request(kind, &person, &random)) }
        }
        return made.shuffled()
    }

    private func request(_ kind: RequestKind, _ person: inout Int, _ random: inout SystemRandomNumberGenerator) -> PreparedRequest {
        var people: [(index: Int, isSuppressed: Bool)] = []
        for _ in 0..<max(1, kind.provider == .twilio ? 1 : kind.recipients) {
            person += 1
            people.append((person, Double.random(in: 0..<1, using: &random) < kind.suppressed))
        }
        let expectation: PreparedRequest.Expectation = isChecked && people.allSatisfy(\.isSuppressed) ? .blocked : .sent
        switch kind.provider {
        case .twilio:
            let to = People.phone(people[0].index, isSuppressed: people[0].isSuppressed).replacing("+", with: "%2B")
            let text = String(repeating: "Your+table+is+ready+at+seven.+", count: max(3, kind.size / 30))
            return PreparedRequest(
                path: path("/twilio", "/2010-04-01/Accounts/AC1/Messages.json"), authority: target.authority,
                contentType: "application/x-www-form-urlencoded", body: Array("To=\(to)&From=%2B15005550006&Body=\(text)".utf8), expectation: expectation)
        case .sendgrid:
            let personalizations = people
                .map { #"{"to":[{"email":"\#(People.mail($0.index, isSuppressed: $0.isSuppressed))","name":"Reader \#($0.index)"}],"#
                    + #""dynamic_template_data":{"order":"\#($0.index)"}}"# }.joined(separator: ",")
            let start = #"{"personalizations":[\#(personalizations)],"from":{"email":"news@example.org"},"subject":"Your order","#
                + #""content":[{"type":"text/html","value":""#
            let end = #""}]}"#
            let filling = String(repeating: "x", count: max(200, kind.size - start.utf8.count - end.utf8.count))
            return PreparedRequest(
                path: path("/sendgrid", "/v3/mail/send"), authority: target.authority, contentType: "application/json",
                body: Array((start + filling + end).utf8), expectation: expectation)
        }
    }

    private func path(_ prefix: String, _ path: String) -> String { usesPrefix ? prefix + path : path }
}
