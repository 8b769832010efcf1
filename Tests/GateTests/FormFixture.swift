import Adapters
import Bytes
import Gate
import Recipients

/// Made-up sends whose forms have everything the language can say of one.
enum FormFixture {
    static let adapter: Adapter = {
        do { return try Adapter(spec) } catch { fatalError("\(error)") }
    }()

    static func endpoint(_ id: String) -> Endpoint {
        guard let found = adapter.endpoints.first(where: { $0.id == id }) else { fatalError("\(id) is an endpoint") }
        return found
    }

    static var spec: AdapterSpec {
        let error = ErrorSpec(status: 400, contentType: "application/json", body: #"{"m":"{{message}}"}"#)
        var spec = AdapterSpec(
            provider: "acme", file: "providers/acme.yaml", hosts: ["api.acme.example"], prefix: "/acme",
            origin: OriginSpec(host: "api.acme.example"), errors: ErrorsSpec(suppressed: error, refused: error))
        spec.endpoints = [members, bulk, brackets, repeated, lists, pieces, single, query, segment, header, alternatives, bindings, raw, parts, message, whole]
        return spec
    }

    private static func send(_ id: String, _ recipients: [RecipientSpec], mode: EndpointSpec.Mode = .fanout) -> EndpointSpec {
        EndpointSpec(
            id: id, method: "POST", path: "/\(id)", format: .form, bodyLimit: 1 << 20, channels: [.email], mode: mode, recipients: recipients)
    }

    static func mail(_ at: String, _ change: (inout RecipientSpec) -> Void = { _ in }) -> RecipientSpec {
        var spec = RecipientSpec(at: at, kind: .email, required: false)
        change(&spec)
        return spec
    }

    /// Numbered lists side by side, as Amazon SES has them.
    private static var members: EndpointSpec {
        var spec = send("members", [mail("Destination.ToAddresses.member.[#]"), mail("Destination.CcAddresses.member.[#]")])
        spec.strip = [
            StripSpec(remove: "Destination.ToAddresses.member.[#]", whenEmpty: .keep),
            StripSpec(remove: "Destination.CcAddresses.member.[#]", whenEmpty: .remove("Destination.CcAddresses.member")),
        ]
        spec.data = ["Source", "Message"]
        return spec
    }

    /// A numbered list of numbered lists.
    private static var bulk: EndpointSpec {
        var spec = send("bulk", [mail("D.member.[#].To.member.[#]"), mail("D.member.[#].Cc.member.[#]")])
        spec.strip = [
            StripSpec(remove: "D.member.[#].To.member.[#]", whenEmpty: .remove("D.member.[#]")),
            StripSpec(remove: "D.member.[#].Cc.member.[#]", whenEmpty: .keep),
            StripSpec(remove: "D.member.[#]", whenEmpty: .reject),
        ]
        spec.data = ["Template", "D.member.[#].Data"]
        return spec
    }

    /// Brackets, as Rails and PHP have them.
    private static var brackets: EndpointSpec {
        var spec = send("brackets", [mail("to[]") { $0.repeats = true }, mail("cc[#][email]")])
        spec.strip = [StripSpec(remove: "to[]", whenEmpty: .reject), StripSpec(remove: "cc[#]", whenEmpty: .keep)]
        spec.data = ["text", "cc[#][name]"]
        return spec
    }

    private static var repeated: EndpointSpec {
        var spec = send("repeated", [mail("to") { $0.repeats = true }])
        spec.strip = [StripSpec(remove: "to", whenEmpty: .reject)]
        spec.data = ["text"]
        return spec
    }

    /// Lists of mailboxes in fields that repeat, as Mailgun has them.
    private static var lists: EndpointSpec {
        var spec = send("lists", ["to", "cc"].map { mail($0) { $0.list = .mailboxes; $0.repeats = true } })
        spec.strip = [StripSpec(remove: "to", whenEmpty: .reject), StripSpec(remove: "cc", whenEmpty: .remove("cc"))]
        spec.data = ["text", "v:{*}"]
        return spec
    }

    /// Pieces of one text, with another text aligned, as Plivo has them.
    private static var pieces: EndpointSpec {
        var phone = RecipientSpec(at: "dst", kind: .phone, required: true)
        phone.list = .lessThan
        phone.channels = [.sms]
        var spec = send("pieces", [phone])
        spec.strip = [StripSpec(remove: "dst", whenEmpty: .reject, aligned: ["ring"])]
        spec.data = ["text"]
        return spec
    }

    private static var single: EndpointSpec {
        var to = RecipientSpec(at: "to", kind: nil, required: false)
        to.otherwise = .allow
        to.channels = [.sms, .email]
        var list = RecipientSpec(at: "list_id", kind: .external, required: false)
        list.opaque = .allow
        var topic = RecipientSpec(at: "topic", kind: .external, required: false)
        topic.opaque = .reject
        var spec = send("single", [to, list, topic], mode: .single)
        spec.overrides = [
            OverrideSpec(at: "force", policy: .reject), OverrideSpec(at: "risk", value: "disable", policy: .reject), OverrideSpec(at: "loud", policy: .allow),
        ]
        spec.scheduled = ScheduledSpec(at: ["send_at"], policy: .allow)
        spec.data = ["text", "meta"]
        return spec
    }

    private static var query: EndpointSpec {
        var to = RecipientSpec(at: "to", kind: .phone, required: true)
        to.location = .query
        to.channels = [.sms]
        var spec = EndpointSpec(
            id: "query", method: "GET", path: "/query", format: .none, bodyLimit: 1 << 20, channels: [.sms], mode: .single, recipients: [to])
        spec.data = ["text", "from"]
        return spec
    }

    private static var segment: EndpointSpec {
        var token = RecipientSpec(at: "token", kind: .pushToken, required: true)
        token.location = .path
        token.channels = [.push]
        var number = RecipientSpec(at: "number", kind: .phone, required: true)
        number.location = .path
        number.channels = [.sms]
        return EndpointSpec(
            id: "segment", method: "POST", path: "/3/{number}/device/{token}", format: .json, bodyLimit: 4096, channels: [.push], mode: .single,
            recipients: [token, number])
    }

    private static var header: EndpointSpec {
        let to = mail("X-To") { $0.location = .header; $0.list = .comma }
        return EndpointSpec(
            id: "header", method: "POST", path: "/header", format: .none, bodyLimit: 4096, channels: [.email], mode: .fanout,
            recipients: [to])
    }

    private static var alternatives: EndpointSpec {
        var group = RecipientSpec(at: "group", kind: .external, required: false)
        group.opaque = .allow
        var spec = send("alternatives", [mail("to"), group, mail("bcc")], mode: .group)
        spec.requireOneOf = [["to", "group"]]
        return spec
    }

    /// JSON in fields that repeat, as Twilio Notify has it.
    private static var bindings: EndpointSpec {
        var binding = RecipientSpec(at: "ToBinding | json | address", kind: nil, required: false)
        binding.repeats = true
        binding.channels = [.sms, .email]
        var spec = send("bindings", [binding])
        spec.strip = [StripSpec(remove: "ToBinding", whenEmpty: .reject)]
        return spec
    }

    /// A message in base 64, as SendRawEmail has it.
    private static var raw: EndpointSpec {
        var spec = send("raw", [mail("Raw.Data | base64 | mime")])
        spec.strip = [StripSpec(remove: "Raw.Data | base64 | mime", whenEmpty: .reject)]
        return spec
    }

    /// A form in either coding, as Mailgun has it.
    private static var parts: EndpointSpec {
        var spec = send("parts", ["to", "cc"].map { mail($0) { $0.list = .mailboxes; $0.repeats = true } } + [mail("Dest.member.[#]")])
        spec.formats = [.form, .multipart]
        spec.strip = [
            StripSpec(remove: "to", whenEmpty: .reject), StripSpec(remove: "cc", whenEmpty: .keep), StripSpec(remove: "Dest.member.[#]", whenEmpty: .keep),
        ]
        spec.overrides = [OverrideSpec(at: "force", policy: .reject)]
        spec.data = ["text", "attachment"]
        return spec
    }

    /// A message beside its envelope.
    private static var message: EndpointSpec {
        var spec = send("message", [mail("to") { $0.list = .mailboxes }, mail("message | mime")])
        spec.formats = [.multipart]
        spec.strip = [StripSpec(remove: "to", whenEmpty: .reject), StripSpec(remove: "message | mime", whenEmpty: .keep)]
        return spec
    }

    /// A message that is the body, in base 64.
    private static var whole: EndpointSpec {
        var spec = send("whole", [mail("base64 | mime")])
        spec.formats = [.mime]
        spec.contentTypes = ["text/plain"]
        spec.strip = [StripSpec(remove: "base64 | mime", whenEmpty: .reject)]
        return spec
    }
}
