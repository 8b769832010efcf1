import Adapters
import Foundation
import Policy
import Recipients
import Testing

@Suite struct PolicyLoaderTests {
    @Test func loadsAndHashes() throws {
        let directory = try PolicyDirectory()
        let first = try PolicyLoader.load(directory: directory.path)
        #expect(first.hash.count == 32 && first.hashText.count == 64)
        #expect(first.routes.adapters.map(\.provider) == ["sendgrid", "twilio"])
        #expect(try PolicyLoader.load(directory: directory.path).hash == first.hash)
        try directory.replace("log:", with: "# a comment\nlog:", in: "stopgate.yaml")
        #expect(try PolicyLoader.load(directory: directory.path).hash != first.hash)
    }

    @Test func readsTheWordsOfTheChannel() throws {
        let rules = try #require(try PolicyLoader.load(directory: ShippedPoliciesTests.directory).channels[.sms])
        let words = Set(rules.stopWords.map(\.text))
        // FCC per se, CTIA and the carriers' working set: a missing one is a violation.
        for word in ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "stopall", "optout", "please opt me out", "no", "arrêt", "stopp"] {
            #expect(words.contains(word), "\(word)")
        }
        #expect(rules.stopWords.first { $0.text == "parar" }?.language == "es")
        #expect(rules.startWordsWhenAsked.map(\.text) == ["yes"])
        #expect(rules.stoppedChannels == .phoneMessages)
    }

    @Test(arguments: [
        ("[twilio]", ["twilio"]), ("\"twil*\"", ["twilio"]), ("[sendgrid, twilio]", ["sendgrid", "twilio"]),
    ]) func onlyEnabledProvidersAreRouted(list: String, expected: [String]) throws {
        let directory = try PolicyDirectory()
        try directory.replace("enabled: [twilio, sendgrid]", with: "enabled: \(list)", in: "stopgate.yaml")
        let ruleset = try PolicyLoader.load(directory: directory.path)
        #expect(ruleset.routes.adapters.map(\.provider) == expected)
        #expect(ruleset.adapters.map(\.provider).contains("sendgrid"))
        try directory.replace("enabled: \(list)", with: "enabled: \"*\"", in: "stopgate.yaml")
        let all = try PolicyLoader.load(directory: directory.path)
        #expect(all.routes.adapters.map(\.provider) == all.adapters.map(\.provider))
    }

    @Test func anEnabledProviderMustExist() throws {
        let directory = try PolicyDirectory()
        try directory.replace("enabled: [twilio, sendgrid]", with: "enabled: [twillio, \"acme-*\"]", in: "stopgate.yaml")
        let problems = PolicyLoader.check(directory: directory.path)
        #expect(problems.count == 2)
        #expect(problems.contains { $0.message.contains("'twillio'; did you mean 'twilio'?") && $0.line > 0 })
        #expect(problems.contains { $0.message.contains("'acme-*'") && $0.line > 0 })
        try directory.replace("enabled: [twillio, \"acme-*\"]", with: "enabled: []", in: "stopgate.yaml")
        #expect(PolicyLoader.check(directory: directory.path).map(\.message).contains { $0.contains("no provider is enabled") })
    }

    @Test func settingsReachTheAdapters() throws {
        let directory = try PolicyDirectory()
        try directory.replace("  total_timeout: 60s", with: """
              total_timeout: 60s
              ca: certs/ca.pem
              providers:
                twilio: {connect: "127.0.0.1:9443"}
                sendgrid: {origin: "http://localhost:8080"}
            """, in: "stopgate.yaml")
        try directory.replace("  default: enforce", with: "  default: enforce\n  providers: {twilio: monitor}\n  channels: {whatsapp: enforce}", in: "stopgate.yaml")
        let ruleset = try PolicyLoader.load(directory: directory.path)
        let twilio = try #require(ruleset.routes.adapters.first { $0.provider == "twilio" })
        #expect(twilio.connect == OriginSpec(host: "127.0.0.1", port: 9443))
        #expect(!twilio.originIsOverridden && twilio.origin.host == "api.twilio.com")
        #expect(twilio.endpoints[0].monitored == ChannelSet.all.subtracting(ChannelSet(.whatsapp)))
        let sendgrid = try #require(ruleset.routes.adapters.first { $0.provider == "sendgrid" })
        #expect(sendgrid.origin == OriginSpec(host: "localhost", port: 8080, usesTLS: false) && sendgrid.originIsOverridden)
        #expect(sendgrid.endpoints[0].monitored.isEmpty)
        #expect(ruleset.settings.upstream.caFile == "certs/ca.pem")
    }

    @Test func aProblemHasPlaceCaretAndSuggestion() throws {
        let directory = try PolicyDirectory()
        try directory.replace("  durability: strict", with: "  durabilty: strict", in: "stopgate.yaml")
        let problem = try #require(PolicyLoader.check(directory: directory.path).first)
        #expect(problem.line == 24 && problem.column == 3)
        let text = problem.rendered(colour: false)
        #expect(text == """
            \(directory.path)/stopgate.yaml:24:3: error: unknown key 'audit.durabilty'
             24 |   durabilty: strict
                |   ^
               = did you mean 'durability'?
            """)
        #expect(problem.rendered(colour: true).contains("\u{1b}["))
    }

    @Test func everyProblemOfAFileIsFound() throws {
        let directory = try PolicyDirectory()
        try directory.write("""
            listeners:
              - {role: proxi, address: 0.0.0.0, port: 70000}
              - {role: intake, adress: 0.0.0.0, port: 8444}
            tls:
              certificates: [{chain: a.pem}]
              client_auth: optional
            limits:
              body_time: 60
              connections: many
              http2: {concurrent_streams: 0}
            recipients: {default_regions: [USA]}
            enforcement: {channels: {email: off}}
            upstream: {providers: {twillio: {origin: "https://"}}}
            worker: 2
            """, to: "stopgate.yaml")
        let problems = PolicyLoader.check(directory: directory.path)
        let found = Set(problems.map { "\($0.line) \($0.message.prefix(30))" })
        let expected: Set<String> = [
            "2 listeners[0].role: 'proxi' is ", "2 listeners[0].port: 70000 is o", "3 unknown key 'listeners[1].adre",
            "5 tls.certificates[0].key is mis", "5 tls.client_ca is missing", "8 limits.body_time: expected a t",
            "9 limits.connections: expected a", "10 limits.http2.concurrent_streams", "11 recipients.default_regions: 'U",
            "12 enforcement.channels.email: 'o", "13 upstream.providers.twillio.ori", "13 upstream.providers.twillio: no", "14 unknown key 'worker'",
        ].reduce(into: []) { $0.insert(String($1)) }
        for message in expected { #expect(found.contains { $0.hasPrefix(message.prefix(28)) }, "\(message) in \(found)") }
        #expect(problems.first { $0.message.contains("'proxi'") }?.suggestion == "did you mean 'proxy'?")
        #expect(throws: PolicyProblems.self) { try PolicyLoader.load(directory: directory.path) }
    }

    @Test(arguments: [
        ("a: 1\na: 2\n", 2, "'a' is written twice"), ("log: {level: info, level: info}\n", 1, "'level' is written twice"),
        ("log:\n  level: info\n  format: json\n  level: debug\n", 4, "'level' is written twice"), ("log: [\n", 2, "expected node content"), ("", 0, "empty"),
        ("- a\n", 1, "expected keys and values"), ("a: b: c\n", 1, "not allowed"), ("log:\n\tlevel: info\n", 2, "token"),
    ]) func brokenYAMLIsOneProblem(text: String, line: Int, message: String) throws {
        let directory = try PolicyDirectory()
        try directory.write(text, to: "stopgate.yaml")
        let problems = PolicyLoader.check(directory: directory.path)
        #expect(problems.contains { $0.line == line && $0.message.contains(message) }, "\(problems)")
    }

    @Test func adapterMistakesStandAtTheirPlace() throws {
        let directory = try PolicyDirectory()
        try directory.replace("when_empty: reject}", with: "when_empty: rejct}", in: "providers/sendgrid.yaml")
        let problem = try #require(PolicyLoader.check(directory: directory.path).first)
        #expect(problem.file.hasSuffix("providers/sendgrid.yaml"))
        #expect(problem.message.contains("endpoints[0].strip[3].when_empty"))
        #expect(problem.source?.contains("rejct") == true)
    }

    @Test func aMissingFileIsNamed() {
        let problems = PolicyLoader.check(directory: "/nonexistent")
        #expect(problems.map(\.file).contains("/nonexistent/stopgate.yaml"))
    }
}
