import Adapters
import Recipients

/// Made-up sends, one for each way in which recipients stand in a body.
enum Sends {
    static var spec: AdapterSpec {
        let error = ErrorSpec(status: 400, contentType: "application/json", body: #"{"m":"{{message}}"}"#)
        var spec = AdapterSpec(
            provider: "acme", file: "providers/acme.yaml", hosts: ["api.acme.example"], prefix: "/acme",
            origin: OriginSpec(host: "api.acme.example"), errors: ErrorsSpec(suppressed: error, refused: error))
        spec.endpoints = [json, raw, form, variables]
        return spec
    }

    private static func send(_ id: String, _ format: EndpointSpec.Format, _ recipients: [RecipientSpec]) -> EndpointSpec {
        EndpointSpec(
            id: id, method: "POST", path: "/\(id)", format: format, bodyLimit: 32 << 20, channels: [.email], mode: .fanout, recipients: recipients)
    }

    private static func mail(_ at: String, _ list: RecipientSpec.ListSyntax = .one, repeats: Bool = false) -> RecipientSpec {
        var spec = RecipientSpec(at: at, kind: .email, required: false)
        spec.list = list
        spec.repeats = repeats
        return spec
    }

    /// `{"to":[{"email":"a@x.com"}],"cc":["b@x.com"],"sms":["+14155550100"],"text":"..."}`
    private static var json: EndpointSpec {
        var phone = RecipientSpec(at: "sms[*]", kind: .phone, required: false)
        phone.channels = [.sms]
        var spec = send("json", .json, [mail("to[*].email"), mail("cc[*]"), phone])
        spec.strip = [
            StripSpec(remove: "sms[*]", whenEmpty: .keep),
            StripSpec(remove: "to[*]", whenEmpty: .reject), StripSpec(remove: "cc[*]", whenEmpty: .remove("cc")),
        ]
        spec.data = ["text", "from"]
        return spec
    }

    /// A MIME message in base 64: its headers alone say who it is for.
    private static var raw: EndpointSpec {
        var spec = send("raw", .json, [mail("raw | base64 | mime")])
        spec.strip = [StripSpec(remove: "raw | base64 | mime", whenEmpty: .reject)]
        return spec
    }

    /// Values by address in JSON in a field, beside the recipients themselves.
    private static var variables: EndpointSpec {
        var vars = mail("vars | json | {*}")
        vars.mention = .always
        var spec = send("variables", .form, [mail("to", .mailboxes, repeats: true), vars])
        spec.formats = [.form, .multipart]
        spec.strip = [StripSpec(remove: "to", whenEmpty: .reject), StripSpec(remove: "vars | json | {*}", whenEmpty: .keep)]
        return spec
    }

    /// Lists of mailboxes in fields that repeat.
    private static var form: EndpointSpec {
        var spec = send("form", .form, ["to", "cc"].map { mail($0, .mailboxes, repeats: true) })
        spec.formats = [.form, .multipart]
        spec.strip = [StripSpec(remove: "to", whenEmpty: .reject), StripSpec(remove: "cc", whenEmpty: .remove("cc"))]
        spec.data = ["text", "from"]
        return spec
    }
}
