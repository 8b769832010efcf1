/// What loadtest/run.py prepares for a scenario, or for one step of it; the generator itself looks only at the provider's faults.
struct Setup: Codable {
    /// Phone numbers, and as many addresses up to a million.
    var suppressions: Int?
    /// Event loops of the gate.
    var workers: Int?
    /// Opt-outs a second while the scenario runs.
    var optOuts: Double?
    /// Seconds between two reloads of the adapters while the scenario runs.
    var reloadEvery: Double?
    var provider: ProviderSetup?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case suppressions, workers, provider
        case optOuts = "opt_outs"
        case reloadEvery = "reload_every"
    }
}
