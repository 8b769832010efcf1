/// How one SDK is pointed at the gate. For people: `stopgate route PROVIDER` prints it.
public struct RoutingSpec: Sendable {
    /// The SDK, its version and language: `twilio 9 (Python)`.
    public var sdk: String
    /// What to set, in the order of ``keys``. `{{base}}` stands for the gate's address with the adapter's prefix, `{{host}}`
    /// for its host and port.
    public var settings: [(key: String, text: String)]

    /// What can be said about an SDK: its base URL, DNS override, how it learns of the CA, an HTTPS proxy, an environment
    /// variable, and anything else worth knowing.
    public static let keys = ["base_url", "dns", "ca", "proxy", "env", "note"]

    public init(sdk: String, settings: [(key: String, text: String)] = []) {
        self.sdk = sdk
        self.settings = settings
    }

    public subscript(key: String) -> String? { settings.first { $0.key == key }?.text }
}
