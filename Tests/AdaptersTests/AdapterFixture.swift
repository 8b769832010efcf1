import Adapters
import Recipients

/// A made-up provider with one form send and one JSON send.
enum AdapterFixture {
    static func spec() -> AdapterSpec {
        let error = ErrorSpec(status: 400, contentType: "application/json", body: #"{"m":"{{message}}","s":{{status}},"c":{{code}},"f":{{field}}}"#)
        var spec = AdapterSpec(
            provider: "acme", file: "providers/acme.yaml", hosts: ["api.acme.example", "{region}.acme.example"], prefix: "/acme",
            origin: OriginSpec(host: "api.acme.example"), errors: ErrorsSpec(suppressed: error, refused: error, codes: ["default": "7"]))
        spec.pass = [
            PassSpec(method: "POST", path: "/v1/Accounts/{id}/Messages/{message}.json"),
            PassSpec(method: "DELETE", path: "/**"),
        ]
        let sms = EndpointSpec(
            id: "sms", method: "POST", path: "/v1/Accounts/{id}/Messages.json", format: .form, bodyLimit: 1 << 20,
            channels: [.sms], mode: .single, recipients: [RecipientSpec(at: "To", kind: .phone, required: true)])
        var mail = EndpointSpec(
            id: "mail", method: "POST", path: "/v3/mail:send", format: .json, bodyLimit: 1 << 20, channels: [.email],
            mode: .fanout, recipients: [RecipientSpec(at: "to[*].email", kind: .email, required: true)])
        mail.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject)]
        spec.endpoints = [sms, mail]
        return spec
    }

    /// `send sms`, `pass`, `pass without body`, `refuse 404`, ...
    static func route(_ table: RouteTable, _ method: String, _ target: String, host: String = "api.acme.example") -> (String, RequestTarget) {
        var out = RequestTarget()
        let method = Array(method.utf8), host = Array(host.utf8), target = Array(target.utf8)
        switch table.route(method: method.span, host: host.span, target: target.span, into: &out) {
        case .send(_, let endpoint): return ("send \(endpoint.id)", out)
        case .ask(_, let limit): return ("ask \(limit)", out)
        case .pass(_, let takesBody): return (takesBody ? "pass" : "pass without body", out)
        case .refuse(let cause, _): return ("refuse \(cause.label)", out)
        }
    }
}
