import Adapters

/// Reads one file of `policies/providers/`. docs/adapters.md explains every key.
enum AdapterReader {
    static func read(_ file: YAMLFile) -> AdapterSpec? {
        guard let root = file.section() else { return nil }
        let provider = root.required("provider", example: "twilio")
        let hosts = root.strings("hosts")
        if !root.has("hosts") { root.missing("hosts", example: "[api.example.com]") }
        let prefix = root.required("prefix", example: "/example")
        let origin = SettingsReader.origin(root, "origin")
        if !root.has("origin") { root.missing("origin", example: "https://api.example.com") }
        let unmatched = root.choice("unmatched", AdapterSpec.Unmatched.self)
        let emptySegments = root.choice("empty_segments", AdapterSpec.EmptySegments.self)
        let pass = calls(root, "pass", example: "POST /v3/templates")
        let undo = undo(root)
        var endpoints: [EndpointSpec] = []
        var areComplete = true
        for section in root.sections("endpoints") {
            if let endpoint = endpoint(section) { endpoints.append(endpoint) } else { areComplete = false }
        }
        if !root.has("endpoints") { root.missing("endpoints", example: "[...]") }
        let errors = errors(root)
        let routing = routing(root)
        root.finish()
        guard areComplete, let provider, let hosts, let prefix, let origin, let errors else { return nil }
        var spec = AdapterSpec(
            provider: provider, file: file.name, hosts: hosts, prefix: prefix, origin: origin, errors: errors)
        spec.pass = pass
        spec.undo = undo
        spec.endpoints = endpoints
        spec.routing = routing
        if let unmatched { spec.unmatched = unmatched }
        if let emptySegments { spec.emptySegments = emptySegments }
        return spec
    }

    private static func undo(_ root: YAMLSection) -> UndoSpec {
        guard let section = root.section("undo") else { return UndoSpec() }
        let policy = section.choice("policy", OpaquePolicy.self)
        let calls = calls(section, "calls", example: "DELETE /v3/suppressions/{email}", readsBodies: true)
        if !section.has("calls") { section.missing("calls", example: "[DELETE /v3/suppressions/{email}]") }
        section.finish()
        return UndoSpec(policy: policy ?? .reject, calls: calls)
    }

    private static func routing(_ root: YAMLSection) -> [RoutingSpec] {
        root.sections("routing").compactMap { section in
            let sdk = section.required("sdk", example: "\"acme 2 (Python)\"")
            let settings = RoutingSpec.keys.compactMap { key in section.string(key).map { (key: key, text: $0) } }
            if settings.isEmpty { section.missing("base_url", example: "\"client = Client(base_url='{{base}}')\"") }
            section.finish()
            return sdk.map { RoutingSpec(sdk: $0, settings: settings) }
        }
    }
}
