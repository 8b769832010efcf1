/// How the mock provider is to behave during a scenario: handed to it by loadtest/run.py, in the words of its `/__mock/behaviour`.
struct ProviderSetup: Codable {
    /// How long answers take, milliseconds: one of the three.
    struct Delay: Codable {
        struct Lognormal: Codable { var median, p99: Double }

        var constant: Double?
        var uniform: [Double]?
        var lognormal: Lognormal?
    }

    var delay: Delay?
    /// Shares of requests that come to nothing, by the status they are answered with; `reset` ends them without an answer.
    var faults: [String: Double]?

    /// What the mock would refuse; `nil` when all is well.
    var problem: String? {
        if let delay {
            let given = [delay.constant != nil, delay.uniform != nil, delay.lognormal != nil].filter { $0 }.count
            if given != 1 { return "delay: write one of constant: MS, uniform: [FROM, TO] and lognormal: {median: MS, p99: MS}" }
            if let uniform = delay.uniform, uniform.count != 2 || uniform[0] < 0 || uniform[1] < uniform[0] { return "delay: uniform: write [FROM, TO]" }
            if let wanted = delay.lognormal, wanted.median <= 0 || wanted.p99 < wanted.median { return "delay: lognormal: p99 must not be below median" }
        }
        for (name, share) in faults ?? [:] {
            if name != "reset", Int(name).map({ !(400...599).contains($0) }) ?? true { return "faults: '\(name)' is neither reset nor a status from 400 to 599" }
            if !(0...1).contains(share) { return "faults: \(name): write a share between 0 and 1" }
        }
        return (faults ?? [:]).values.reduce(0, +) <= 1 ? nil : "faults: the shares are more than 1 together"
    }

    /// Whether requests may end without an answer of the provider, which a gate words as 502.
    var resets: Bool { (faults?["reset"] ?? 0) > 0 }
}
