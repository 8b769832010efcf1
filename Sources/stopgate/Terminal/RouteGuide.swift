/// How a sender is pointed at the gate, by provider and language. Every base URL was read in the SDK's source or tried with the
/// version named.
struct RouteGuide {
    let provider: String
    /// The gate's URL with the provider's prefix.
    let base: String
    let address: String
    let hosts: [String]
    /// The local CA's certificate.
    let authority: String

    private static let baseURLs: [String: @Sendable (String) -> String] = [
        "twilio": { base in
            """
              Python (twilio 9)
                client = Client(account_sid, auth_token)
                client.api.base_url = "\(base)"
              Node (twilio 6)
                const client = twilio(accountSid, authToken);
                client.api.baseUrl = "\(base)";
              curl, or anything else over HTTP
                curl \(base)/2010-04-01/Accounts/$SID/Messages.json -u $SID:$TOKEN -d To=... -d From=... -d Body=...

              Twilio's edge and region settings change only the host name; leave them unset with a base URL.
            """
        },
        "sendgrid": { base in
            """
              Python (sendgrid 6.12)
                client = SendGridAPIClient(api_key, host="\(base)")
                # set_sendgrid_data_residency() would overwrite the host: do not call it after this.
              Node (@sendgrid/mail)
                const { Client } = require("@sendgrid/client");
                const client = new Client();
                client.setApiKey(process.env.SENDGRID_API_KEY);
                client.setDefaultRequest("baseUrl", "\(base)");   // after setApiKey, which resets it
                sgMail.setClient(client);
              curl, or anything else over HTTP
                curl \(base)/v3/mail/send -H "authorization: Bearer $KEY" -H "content-type: application/json" -d @mail.json
            """
        },
    ]

    var text: String {
        let (host, port) = split
        let settings = Self.baseURLs[provider]?(base) ?? "  Set the SDK's base URL to \(base)"
        return """
            Trust the gate's CA first (either way):
              Python requests: export REQUESTS_CA_BUNDLE=\(authority)
              Python httpx, urllib, Ruby, Go, PHP's curl: export SSL_CERT_FILE=\(authority)
              Node: export NODE_EXTRA_CA_CERTS=\(authority)
              Java: keytool -importcert -noprompt -alias stopgate -file \(authority) -keystore "$JAVA_HOME/lib/security/cacerts" -storepass changeit
              curl: --cacert \(authority)
              The whole machine (Debian): cp \(authority) /usr/local/share/ca-certificates/stopgate.crt && update-ca-certificates
              The first two replace the usual CAs. A sender that also calls other hosts needs both: cat /etc/ssl/certs/ca-certificates.crt \(authority) > both.pem

            Way 1, the base URL:
            \(settings)

            Way 2, DNS: the provider's own host names lead to the gate, and the sender changes nothing else.
            \(hosts.map { "  \(host == "localhost" ? "127.0.0.1" : host)  \($0)" }.joined(separator: "\n"))
              Put these into /etc/hosts as addresses, or into the resolver as CNAMEs, where the sender runs. Never where the gate runs: it
              would call itself. The gate must then answer on port 443\(port == "443" ? "" : " (it listens on \(port): forward 443 to it, or change the listener)").

            Try it: curl --cacert \(authority) --resolve \(hosts.first ?? "host"):\(port):127.0.0.1 https://\(hosts.first ?? "host"):\(port)/
            """
    }

    private var split: (host: String, port: String) {
        guard let colon = address.lastIndex(of: ":") else { return (address, "443") }
        return (String(address[..<colon]), String(address[address.index(after: colon)...]))
    }
}
