import Adapters
import Bytes
import Gate
import Recipients

/// Endpoints made up for one test, and what becomes of bodies sent to them.
enum LanguageFixture {
    /// A JSON endpoint that fans out.
    static func endpoint(
        channels: [Channel] = [.sms], mode: EndpointSpec.Mode = .fanout, _ recipients: [RecipientSpec], _ change: (inout EndpointSpec) -> Void = { _ in }
    ) throws -> Endpoint {
        let error = ErrorSpec(status: 400, contentType: "application/json", body: #"{"error":"{{message}}"}"#)
        var spec = AdapterSpec(
            provider: "acme", file: "acme.yaml", hosts: ["api.acme.example"], prefix: "/acme", origin: OriginSpec(host: "api.acme.example"),
            errors: ErrorsSpec(suppressed: error, refused: error))
        var endpoint = EndpointSpec(
            id: "send", method: "POST", path: "/send", format: .json, bodyLimit: 1 << 20, channels: channels, mode: mode, recipients: recipients)
        change(&endpoint)
        spec.endpoints = [endpoint]
        return try Adapter(spec).endpoints[0]
    }

    static func phone(_ at: String, required: Bool = false, _ change: (inout RecipientSpec) -> Void = { _ in }) -> RecipientSpec {
        slot(at, .phone, required, change)
    }

    static func mail(_ at: String, required: Bool = false, _ change: (inout RecipientSpec) -> Void = { _ in }) -> RecipientSpec {
        slot(at, .email, required, change)
    }

    static func slot(
        _ at: String, _ kind: IdentifierKind?, _ required: Bool = false, _ change: (inout RecipientSpec) -> Void = { _ in }
    ) -> RecipientSpec {
        var spec = RecipientSpec(at: at, kind: kind, required: required)
        change(&spec)
        return spec
    }

    /// `allow`, `reject`, `refuse recipient-missing`, or the body that goes on.
    static func outcome(_ endpoint: Endpoint, _ body: String, query: String = "") -> String {
        var inspector = Fixture.inspector()
        return outcome(&inspector, endpoint, body, query: query)
    }

    static func outcome(_ inspector: inout Inspector, _ endpoint: Endpoint, _ body: String, query: String = "") -> String {
        let bytes = Array(body.utf8), type = Array("application/json".utf8), query = Array(query.utf8)
        let verdict = inspector.inspect(
            endpoint, contentType: type.span, query: query.span, body: bytes.span, isSigned: false, suppressions: Fixture.suppressed)
        switch verdict {
        case .allow: return "allow"
        case .reject: return "reject"
        case .refuse(let cause): return "refuse \(cause.label)"
        case .strip:
            var out = GrowableBytes()
            inspector.appendRewritten(bytes.span, into: &out)
            return String(decoding: out.array, as: UTF8.self)
        }
    }
}
