/// One part of a scenario: so many connections, so much load, so long.
struct Step: Codable {
    var name = ""
    /// Where its figures stand on the scenario's axis.
    var at: Double?
    /// What is sent in this step, where it differs from the rest of the scenario.
    var mix: [RequestKind]?
    /// What is prepared for this step, where it differs from the rest of the scenario.
    var setup: Setup?
    /// Requests a second, sent whether or not answers come (open loop). `nil`: as many as the answers allow (closed loop).
    var rate: Double?
    var connections = 10
    /// Requests at a time on each connection; 1 in HTTP/1.1.
    var streams = 10
    var seconds: Double = 10
    /// Ends the step early.
    var requests: Int?
    /// A connection is closed after this many and a new one is opened; 0 closes it right after the handshake.
    var requestsPerConnection: Int?
    /// Whether new connections resume the TLS session of an earlier one.
    var resumes = true
    /// Connections opened beforehand, which then say nothing.
    var idle = 0
    /// Seconds of load before counting begins.
    var warmUp: Double = 0.5
    /// Arrivals as of many independent senders (exponential gaps) instead of an even beat.
    var isPoisson = true

    init() {}

    enum CodingKeys: String, CodingKey {
        case name, at, mix, setup, rate, connections, streams, seconds, requests, idle
        case requestsPerConnection = "requests_per_connection"
        case resumes = "resume"
        case warmUp = "warm_up"
        case isPoisson = "poisson"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decodeIfPresent(String.self, forKey: .name) ?? name
        at = try values.decodeIfPresent(Double.self, forKey: .at)
        mix = try values.decodeIfPresent([RequestKind].self, forKey: .mix)
        setup = try values.decodeIfPresent(Setup.self, forKey: .setup)
        rate = try values.decodeIfPresent(Double.self, forKey: .rate)
        connections = try values.decodeIfPresent(Int.self, forKey: .connections) ?? connections
        streams = try values.decodeIfPresent(Int.self, forKey: .streams) ?? streams
        seconds = try values.decodeIfPresent(Double.self, forKey: .seconds) ?? seconds
        requests = try values.decodeIfPresent(Int.self, forKey: .requests)
        requestsPerConnection = try values.decodeIfPresent(Int.self, forKey: .requestsPerConnection)
        resumes = try values.decodeIfPresent(Bool.self, forKey: .resumes) ?? resumes
        idle = try values.decodeIfPresent(Int.self, forKey: .idle) ?? idle
        warmUp = try values.decodeIfPresent(Double.self, forKey: .warmUp) ?? warmUp
        isPoisson = try values.decodeIfPresent(Bool.self, forKey: .isPoisson) ?? isPoisson
    }

    func problem(_ http: Scenario.HTTP) -> String? {
        if !(1...20_000).contains(connections) { return "connections must be between 1 and 20,000" }
        if !(1...1000).contains(streams) { return "streams must be between 1 and 1,000" }
        if http == .h1, streams != 1 { return "HTTP/1.1 carries one request at a time: write streams: 1" }
        if !(0.1...86_400).contains(seconds) { return "seconds must be between 0.1 and 86,400" }
        if let rate, !(1...1_000_000).contains(rate) { return "rate must be between 1 and 1,000,000 a second" }
        if let requests, requests < 1 { return "requests must be above 0" }
        if let requestsPerConnection, requestsPerConnection < 0 { return "requests_per_connection must not be below 0" }
        if let problem = setup?.provider?.problem { return "setup: provider: \(problem)" }
        if mix?.contains(where: { $0.weight <= 0 }) ?? false { return "mix: every weight must be above 0" }
        if !(0...100_000).contains(idle) { return "idle must be between 0 and 100,000" }
        return nil
    }
}
