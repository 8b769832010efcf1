public import Recipients

/// One send call, compiled: everything the gate needs to read a request to it. Immutable.
public final class Endpoint: Sendable, TypedBody {
    /// A media type its body may have.
    public struct BodyType: Sendable {
        /// In lower case.
        public let name: [UInt8]
        public let format: EndpointSpec.Format
    }

    /// A recipient in a segment of the path.
    public struct PathSlot: Sendable {
        public let slot: Int
        public let segment: Int
    }

    /// A recipient in a header.
    public struct HeaderSlot: Sendable {
        public let slot: Int
        /// In lower case.
        public let name: [UInt8]
    }

    /// Unique within the provider: `messages`.
    public let id: String
    /// Provider and id, for metrics and the audit log: `twilio.messages`.
    public let label: String
    /// In upper case.
    public let method: [UInt8]
    /// The formats its body may have.
    public let formats: [EndpointSpec.Format]
    /// The media types its body may have; none when there is no body.
    public let bodyTypes: [BodyType]
    /// Whether a request without a body is one to it.
    public let takesNoBody: Bool
    /// The format of a body without a Content-Type; `nil` when there has to be one. Only a provider that never looks at the
    /// field has one (`none` among `content_types`).
    public let untypedFormat: EndpointSpec.Format?
    /// Bytes of decoded body.
    public let bodyLimit: Int
    public let mode: EndpointSpec.Mode
    public let slots: [RecipientSlot]
    /// How a form, be it urlencoded or multipart, is read, and the query with it.
    public let form: FormShape?
    /// How a JSON document is read.
    public let document: DocumentShape?
    /// What the query of a request may hold whose body is no form.
    public let query: FormShape?
    public let pathSlots: [PathSlot]
    public let headerSlots: [HeaderSlot]
    /// Whether recipients stand in the path or in a header.
    public let hasSlotsBeside: Bool
    /// What tells it from other calls with its method and path.
    let match: RequestMatch?
    /// By slot: how to get to the recipients of one that stands in a text inside of another.
    public let nested: [NestedSlot?]
    /// What signs the request.
    public let signature: SignatureSpec?
    /// A request header, in lower case, that signs the body: with it, nothing can be stripped.
    public let signatureHeader: [UInt8]?
    /// What only some endpoints have; `nil` for most.
    public let extras: EndpointExtras?
    /// How a send for later is recognised, and what becomes of it.
    public let scheduled: ScheduledRule?
    /// Where the provider's answer names the message.
    public let messageID: MessageID?
    /// ``MessageID/path(_:)``, compiled.
    public let messagePath: AnswerPath?
    public let recipientLimit: Int
    /// For each slot those others, one bit each, beside which it only mentions somebody; empty when no slot does.
    public let mentions: [UInt64]
    /// Of each of these sets of ``slots``, one bit each, at least one must hold something.
    public let requirements: [UInt64]
    /// What it answers: the adapter's errors, or its own.
    public let errors: NativeErrors
    /// Channels on which blocked recipients are reported and let through.
    public let monitored: ChannelSet
    /// Every channel a recipient may be reached on: text in unknown places is judged by these.
    public let channels: ChannelSet
    public let jsonLimits: JSONLimits
    public let formLimits: FormLimits
    let path: PathTemplate

    /// - Parameter errors: the adapter's, as written and compiled.
    init(
        _ spec: EndpointSpec, provider: String, options: Adapter.Options, errors: (spec: ErrorsSpec, compiled: NativeErrors)
    ) throws(AdapterProblem) {
        try Self.checkSupport(spec)
        guard !spec.recipients.isEmpty else { throw AdapterProblem("recipients", "a send has at least one recipient slot") }
        guard spec.bodyLimit > 0 else { throw AdapterProblem("body_limit", "must be above 0") }
        guard spec.recipientLimit > 0 else { throw AdapterProblem("recipient_limit", "must be above 0") }
        let method = Array(spec.method.utf8)
        guard !method.isEmpty, method.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            throw AdapterProblem("method", "must be a method in upper case, such as POST")
        }
        let inForms = try FormSpelling.inForms(spec)
        var slots: [RecipientSlot] = []
        for (index, slot) in spec.recipients.enumerated() {
            do throws(AdapterProblem) { slots.append(try RecipientSlot(slot, repeats: inForms.recipients[index].repeats, channels: spec.channels, isWholeBody: spec.formats == [.mime], hasAligned: Self.hasAligned(slot, spec))) } catch {
                throw error.path == "channels" ? error : error.under("recipients[\(index)]")
            }
        }
        id = spec.id
        label = "\(provider).\(spec.id)"
        self.method = method
        path = try PathTemplate(spec.path, ignoringFormat: true, path: "path")
        formats = spec.formats
        bodyTypes = try Self.bodyTypes(spec.formats, spec.contentTypes)
        takesNoBody = spec.formats.contains(.none)
        untypedFormat = spec.contentTypes.contains("none") && spec.formats.count == 1 ? spec.formats[0] : nil
        form = spec.formats.contains { $0 == .form || $0 == .multipart } ? try FormShape(inForms) : nil
        document = spec.formats.contains(.json) ? try DocumentShape(spec) : nil
        query = spec.formats.contains { $0 == .none || $0 == .mime } || spec.recipients.contains { $0.location == .query } ? try FormShape(spec, location: .query) : nil
        pathSlots = try Self.pathSlots(spec, path)
        headerSlots = try Self.headerSlots(spec)
        hasSlotsBeside = !pathSlots.isEmpty || !headerSlots.isEmpty
        do throws(AdapterProblem) { match = try spec.match.map { (match) throws(AdapterProblem) in try RequestMatch(match, json: options.json, path: "match") } } catch { throw error }
        requirements = try Self.requirements(spec)
        if let own = spec.errors {
            do throws(AdapterProblem) { self.errors = try NativeErrors(own.applied(to: errors.spec)) } catch { throw error.under("errors") }
        } else {
            self.errors = errors.compiled
        }
        try NestedSlot.check(spec)
        var nested: [NestedSlot?] = []
        for (index, slot) in spec.recipients.enumerated() { nested.append(try NestedSlot(slot, index: index, spec)) }
        self.nested = nested
        bodyLimit = spec.bodyLimit
        mode = spec.mode
        self.slots = slots
        let mentions = try Self.mentions(spec.recipients)
        self.mentions = mentions.contains { $0 != 0 } ? mentions : []
        signature = spec.signature
        if case .header(let name) = spec.signature { signatureHeader = RouteBytes.lower(name.utf8) } else { signatureHeader = nil }
        extras = try EndpointExtras(spec)
        guard !self.errors.namesResults || extras?.results != nil else {
            throw AdapterProblem("errors.suppressed.body", "{{results}} needs 'results' at the endpoint")
        }
        scheduled = try spec.scheduled.map { (scheduled) throws(AdapterProblem) in try ScheduledRule(scheduled, spec, inForms) }
        messageID = spec.messageID
        if case .path(let text) = spec.messageID { messagePath = try AnswerPath(text, path: "message_id.path") } else { messagePath = nil }
        recipientLimit = min(spec.recipientLimit, options.recipientLimit)
        monitored = options.monitored
        channels = slots.reduce(into: []) { set, slot in
            set.formUnion(slot.channels)
            for prefix in slot.prefixes { set.formUnion(prefix.channels) }
        }
        // Mail bodies and attachments travel in one string.
        var json = options.json
        json.stringBytes = max(json.stringBytes, spec.bodyLimit > 1 << 20 ? spec.bodyLimit : 0)
        jsonLimits = json
        formLimits = options.form
        try checkStripping(spec)
    }

    /// Fan-out needs a way to take every recipient out; the other modes never take one out.
    private func checkStripping(_ spec: EndpointSpec) throws(AdapterProblem) {
        guard mode == .fanout else {
            guard spec.strip.isEmpty else { throw AdapterProblem("strip", "only mode fanout strips") }
            return
        }
        if let form {
            for slot in slots.indices where slots[slot].location == .body && slots[slot].opaque == nil {
                guard form.strip.chains[slot].isEmpty, nested[slot]?.whenEmpty == nil else { continue }
                throw AdapterProblem("recipients[\(slot)].at", "no strip rule takes this recipient out: add one, or set mode to group")
            }
        }
        guard let document else { return }
        for node in document.nodes {
            let keys = node.anyMember.map { document.nodes[$0].dropped != nil } ?? false
            for (slot, isCovered) in [
                (node.slot, node.dropped != nil || node.textWhenEmpty != nil), (node.composed, node.dropped != nil), (node.keySlot, keys),
            ] {
                guard let slot, !isCovered, slots[slot].opaque == nil, nested[slot] == nil else { continue }
                throw AdapterProblem("recipients[\(slot)].at", "no strip rule takes this recipient out: add one, or set mode to group")
            }
        }
    }

    /// One set of slots for each list of places of which one must hold something.
    private static func requirements(_ spec: EndpointSpec) throws(AdapterProblem) -> [UInt64] {
        guard spec.recipients.count <= DocumentShape.memberLimit else {
            throw AdapterProblem("recipients", "more than \(DocumentShape.memberLimit) places are named")
        }
        var requirements: [UInt64] = []
        for (index, places) in spec.requireOneOf.enumerated() {
            var slots: UInt64 = 0
            for place in places {
                let found = spec.recipients.indices.filter { slot in
                    let at = spec.recipients[slot].at
                    return at == place || [".", "[", " "].contains { at.hasPrefix(place + $0) }
                }
                guard !found.isEmpty else {
                    throw AdapterProblem(
                        "require_one_of[\(index)]", "no recipient stands at '\(place)' or below", word: place,
                        among: spec.recipients.map(\.at))
                }
                for slot in found { slots |= 1 << UInt64(slot) }
            }
            requirements.append(slots)
        }
        return requirements
    }
}
