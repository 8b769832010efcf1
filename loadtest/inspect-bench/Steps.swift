import Adapters
import Bytes
import Gate
import Recipients
import Suppression

/// The steps that are counted, against a set of suppressions in which nobody is.
struct Steps {
    private let routes: RouteTable
    private let secret: DigestSecret
    private static let post = Array("POST".utf8)

    init?(routes: RouteTable) {
        guard let secret = DigestSecret([UInt8](0..<16)) else { return nil }
        self.routes = routes
        self.secret = secret
    }

    /// - Returns: whether every request went where it should.
    func route(_ repetitions: Int) -> Bool {
        let host = Array("api.twilio.com".utf8)
        let path = Array("/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Messages.json".utf8)
        var target = RequestTarget()
        var sends = 0
        for _ in 0..<repetitions {
            if case .send = routes.route(method: Self.post.span, host: host.span, target: path.span, into: &target) { sends += 1 }
        }
        return sends == repetitions
    }

    /// - Returns: whether every request was allowed.
    func form(_ repetitions: Int, body: [UInt8]) -> Bool {
        inspect(repetitions, "api.twilio.com", "/2010-04-01/Accounts/AC1/Messages.json", "application/x-www-form-urlencoded", body)
    }

    func mail(_ repetitions: Int, body: [UInt8]) -> Bool {
        inspect(repetitions, "api.sendgrid.com", "/v3/mail/send", "application/json", body)
    }

    private func inspect(_ repetitions: Int, _ host: String, _ path: String, _ type: String, _ body: [UInt8]) -> Bool {
        let host = Array(host.utf8), path = Array(path.utf8), type = Array(type.utf8), none: [UInt8] = []
        var target = RequestTarget()
        let route = routes.route(method: Self.post.span, host: host.span, target: path.span, into: &target)
        guard case .send(_, let endpoint) = route else { return false }
        var inspector = Inspector(normaliser: Normaliser(rules: .standard, secret: secret))
        var allowed = 0
        for _ in 0..<repetitions {
            let verdict = inspector.inspect(
                endpoint, contentType: type.span, query: none.span, body: body.span, isSigned: false, suppressions: Nobody())
            if verdict == .allow { allowed += 1 }
        }
        return allowed == repetitions
    }
}

/// Suppressions of nobody: the look-up is measured by IndexBench.
struct Nobody: SuppressionLookup {
    let version: UInt64 = 1
    let ledgerPosition: UInt64 = 0

    @inline(never) func blockedChannels(_ key: RecipientKey) -> ChannelSet { [] }
}
