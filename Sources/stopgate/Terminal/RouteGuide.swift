import Adapters

/// How a sender is pointed at the gate: what the adapter's file says of each SDK, with the gate's address filled in.
struct RouteGuide {
    let adapter: Adapter
    /// Where senders reach the gate: `host:port`.
    let address: String
    /// `https` or `http`.
    let scheme: String
    /// The local CA's certificate.
    let authority: String

    private var base: String { "\(scheme)://\(address)\(adapter.prefix)" }
    /// Host names without a label in braces.
    private var hosts: [String] { adapter.hosts.filter { !$0.contains("{") } }
    private var patterns: [String] { adapter.hosts.filter { $0.contains("{") } }

    private static let titles = [
        "base_url": "base URL", "dns": "DNS", "ca": "CA", "proxy": "HTTPS proxy", "env": "environment", "note": "note",
    ]

    var text: String {
        """
        Trust the gate's CA first (either way):
          Python requests: export REQUESTS_CA_BUNDLE=\(authority)
          Python httpx, urllib, Ruby, Go, PHP's curl: export SSL_CERT_FILE=\(authority)
          Node: export NODE_EXTRA_CA_CERTS=\(authority)
          Java: keytool -importcert -noprompt -alias stopgate -file \(authority) -keystore "$JAVA_HOME/lib/security/cacerts" -storepass changeit
          curl: --cacert \(authority)
          The whole machine (Debian): cp \(authority) /usr/local/share/ca-certificates/stopgate.crt && update-ca-certificates
          The first two replace the usual CAs. A sender that also calls other hosts needs both: cat /etc/ssl/certs/ca-certificates.crt \(authority) > both.pem

        Way 1, the base URL: \(base)
        \(otherHosts)\(sdks)
        Way 2, DNS: the provider's own host names lead to the gate, and the sender changes nothing else.
        \((hosts + patterns).map { "  \($0)" }.joined(separator: "\n"))
          Put these into /etc/hosts as addresses of the gate, or into the resolver as CNAMEs, where the sender runs. Never where the gate
          runs: it would call itself. The gate must then answer on port 443\(port == "443" ? "" : " (it listens on \(port): forward 443 to it, or change the listener)").

        Try it: curl --cacert \(authority) --resolve \(hosts.first ?? "host"):\(port):127.0.0.1 https://\(hosts.first ?? "host"):\(port)/
        """
    }

    /// A section of docs/routing.md.
    var markdown: String {
        var lines = ["## \(adapter.provider)", "", "Base URL `\(base)` for `\(adapter.origin.host)`."]
        if adapter.hosts.count > 1 { lines[2] += " The others by their names behind it: `\(base)/HOST`." }
        lines += ["", "Hosts: " + adapter.hosts.map { "`\($0)`" }.joined(separator: ", "), ""]
        for sdk in adapter.routing {
            lines.append("**\(sdk.sdk)**")
            lines.append("")
            for (key, text) in settings(sdk) {
                let title = Self.titles[key] ?? key
                if text.contains("\n") {
                    lines += ["- \(title):", "", "  ```", text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"), "  ```"]
                } else {
                    lines.append("- \(title): \(text)")
                }
            }
            lines.append("")
        }
        return lines.joined(separator: "\n")
    }

    private var otherHosts: String {
        guard adapter.hosts.count > 1 else { return "" }
        let example = hosts.first { $0 != adapter.origin.host } ?? patterns.first ?? adapter.origin.host
        return "  It leads to \(adapter.origin.host). Another host of the provider is named behind it: \(base)/\(example)\n"
    }

    private var sdks: String {
        guard !adapter.routing.isEmpty else { return "  Set the SDK's base URL to it.\n" }
        return adapter.routing.map { sdk in
            "  \(sdk.sdk)\n" + settings(sdk).map { key, text in
                let title = Self.titles[key] ?? key
                guard text.contains("\n") else { return "    \(title): \(text)\n" }
                return "    \(title):\n" + text.split(separator: "\n").map { "      \($0)\n" }.joined()
            }.joined()
        }.joined()
    }

    private func settings(_ sdk: RoutingSpec) -> [(String, String)] {
        sdk.settings.map { key, text in
            (key, text.replacing("{{base}}", with: base).replacing("{{host}}", with: address))
        }
    }

    private var port: String {
        address.lastIndex(of: ":").map { String(address[address.index(after: $0)...]) } ?? "443"
    }
}
