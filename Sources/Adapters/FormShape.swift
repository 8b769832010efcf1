import Bytes

/// What an adapter knows about a form, be it urlencoded, multipart or a query string: which fields hold recipients and which
/// hold none. Every other field is unknown, and its value is searched for suppressed identifiers (hardening.md 2.6).
public struct FormShape: Sendable {
    public enum Field: Sendable, Hashable {
        /// An index into ``Endpoint/slots``.
        case recipient(Int)
        /// Some of a recipient: an index into ``Endpoint/slots``, and one into ``RecipientSlot/parts``.
        case part(Int, Int)
        case data
        /// An index into ``FormShape/overrides``.
        case override(Int)
        /// It makes the send one for later.
        case scheduled
        case unknown
    }

    /// A switch that asks the provider to ignore its own suppressions.
    public struct Override: Sendable {
        /// What turns it on; `nil`: whatever does not turn it off.
        public let value: [UInt8]?
        public let policy: OverrideSpec.Policy
    }

    /// A field that must be spelt as documented.
    public struct Guarded: Sendable {
        public let pattern: FormPattern
        /// As the adapter's file says it, for people.
        public let place: String
    }

    /// A recipient's place that others stand below: `to` beside `to[name]`.
    public struct Fork: Sendable {
        /// An index into ``Endpoint/slots``.
        public let slot: Int
        let pattern: FormPattern

        /// Whether the decoded name stands below the place.
        public func leads(to name: Span<UInt8>) -> Bool {
            var numbers = FormPattern.Numbers()
            return pattern.holds(name, &numbers) && !pattern.matches(name, &numbers)
        }
    }

    private struct Numbered: Sendable {
        let pattern: FormPattern
        let field: Field
    }

    /// Names without holes.
    private let table: NameTable
    private let names: NameTable.Group
    /// What each of ``names`` is.
    private let fields: [Field]
    /// Names with holes, those of recipients first.
    private let patterns: [Numbered]
    public let overrides: [Override]
    /// What unknown fields must not look like: the places of recipients, and switches whose policy is reject.
    public let guarded: [Guarded]
    /// Data that also covers what stands below it, in brackets or behind a dot.
    private let covers: [FormPattern]
    public let strip: FormStrip
    /// Places that are a text, or fields below it: only one of both may be there.
    public let forks: [Fork]

    /// - Parameters:
    ///   - location: where the form stands: the body (and the query with it), or the query alone.
    init(_ endpoint: EndpointSpec, location: RecipientSpec.Location = .body) throws(AdapterProblem) {
        var draft = Draft()
        for (index, slot) in endpoint.recipients.enumerated() where slot.location == location || location == .body && slot.location == .query {
            let place = "recipients[\(index)].at"
            guard slot.parts.isEmpty else {
                for (number, part) in slot.parts.enumerated() {
                    let name = "\(slot.at)[\(part.name)]", pattern = try FormPattern(name, path: place)
                    guard !draft.has(pattern) else { throw AdapterProblem("recipients[\(index)].parts[\(number)]", "the field '\(name)' is named twice") }
                    draft.add(pattern, .part(index, number))
                    draft.guardName(pattern, name)
                }
                continue
            }
            let pattern = try FormPattern(try Place(slot.at, path: place).base, path: place)
            guard !pattern.hasWildcard else { throw AdapterProblem(place, "{*} stands for names nobody knows: recipients need their own") }
            guard !draft.has(pattern) else { throw AdapterProblem(place, "the field is named twice") }
            draft.add(pattern, .recipient(index))
            draft.guardName(pattern, slot.at)
        }
        guard draft.names.count + draft.patterns.count <= DocumentShape.memberLimit else {
            throw AdapterProblem("recipients", "more than \(DocumentShape.memberLimit) recipient fields are named")
        }
        // A query beside a body of another format has no data of its own: the places are the body's.
        let isWhole = location == .body || endpoint.formats == [.none]
        var overrides: [Override] = []
        if isWhole {
            for (index, override) in endpoint.overrides.enumerated() {
                let pattern = try draft.new(override.at, "overrides[\(index)].at")
                overrides.append(Override(value: override.value.map { Array($0.utf8) }, policy: override.policy))
                draft.add(pattern, .override(index))
                if override.policy == .reject { draft.guardName(pattern, override.at) }
            }
            for (index, text) in (endpoint.scheduled?.at ?? []).enumerated() {
                let pattern = try draft.new(text, "scheduled.at[\(index)]")
                draft.add(pattern, .scheduled)
                if endpoint.scheduled?.policy == .reject { draft.guardName(pattern, text) }
            }
        }
        strip = location == .body ? try FormStrip(endpoint) : FormStrip()
        for rule in strip.rules {
            for name in rule.aligned where !draft.has(name) { draft.add(name, .data) }
        }
        if case .field(let name)? = endpoint.match?.source {
            let pattern = try FormPattern(name, path: "match.field")
            if !draft.has(pattern) { draft.add(pattern, .data) }
        }
        if isWhole {
            for (index, text) in endpoint.data.enumerated() where !NestedSlot.isBehindDecoders(text) {
                let place = "data[\(index)]"
                let pattern = try FormPattern(text, path: place)
                guard !draft.isRecipient(pattern) else { throw AdapterProblem(place, "this place holds a recipient: it cannot be data") }
                guard !draft.isData(pattern) else { throw AdapterProblem(place, "the field is named twice") }
                if !draft.has(pattern) { draft.add(pattern, .data) }
                draft.covers.append(pattern)
            }
        }
        forks = draft.forks
        var table = NameTable()
        names = table.makeGroup(draft.names.map { table.add($0.pattern.parts[0].text) })
        fields = draft.names.map(\.field)
        self.table = table
        patterns = draft.patterns.map { Numbered(pattern: $0.pattern, field: $0.field) }
        covers = draft.covers
        guarded = draft.guarded
        self.overrides = overrides
    }

    /// What the field whose name stands at `range` of `text`, decoded and byte for byte, holds. ``FormShape/covers(_:)`` is
    /// to be asked about an unknown one.
    /// - Parameter numbers: gets what stands in the holes of its name.
    @inline(__always)
    public func field(_ range: Range<Int>, in text: Span<UInt8>, _ numbers: inout FormPattern.Numbers) -> Field {
        let key = NameTable.Key(range, in: text)
        if let name = table.find(key, of: names, in: text) { return fields[name] }
        return patterns.isEmpty ? .unknown : numbered(text.extracting(range), &numbers)
    }

    private func numbered(_ name: Span<UInt8>, _ numbers: inout FormPattern.Numbers) -> Field {
        for index in patterns.indices where patterns[index].pattern.matches(name, &numbers) { return patterns[index].field }
        return .unknown
    }

    /// Whether the decoded name stands below a place that is data.
    public func covers(_ name: Span<UInt8>) -> Bool {
        var numbers = FormPattern.Numbers()
        for index in covers.indices where covers[index].holds(name, &numbers) { return true }
        return false
    }
}

extension FormShape {
    /// What is known while the shape is being put together.
    private struct Draft {
        var names: [(pattern: FormPattern, field: Field)] = []
        var patterns: [(pattern: FormPattern, field: Field)] = []
        var guarded: [Guarded] = []
        var covers: [FormPattern] = []

        func field(_ pattern: FormPattern) -> Field? {
            (names + patterns).first { $0.pattern == pattern || Self.isSame($0.pattern, pattern) }?.field
        }

        /// Names that differ only in case are one name to some servers.
        private static func isSame(_ a: FormPattern, _ b: FormPattern) -> Bool {
            a.parts.map(\.hole) == b.parts.map(\.hole) && a.parts.map { RouteBytes.lower($0.text) } == b.parts.map { RouteBytes.lower($0.text) }
        }

        var forks: [Fork] {
            let all = names + patterns
            return all.compactMap { entry in
                guard case .recipient(let slot) = entry.field, all.contains(where: { entry.pattern.isAbove($0.pattern) }) else { return nil }
                return Fork(slot: slot, pattern: entry.pattern)
            }
        }

        func has(_ pattern: FormPattern) -> Bool { field(pattern) != nil }
        func isData(_ pattern: FormPattern) -> Bool { field(pattern) == .data && covers.contains(pattern) }
        func isRecipient(_ pattern: FormPattern) -> Bool {
            switch field(pattern) {
            case .recipient, .part: true
            case .data, .override, .scheduled, .unknown, nil: false
            }
        }

        /// A place that nothing else has been said about.
        func new(_ text: String, _ place: String) throws(AdapterProblem) -> FormPattern {
            let pattern = try FormPattern(text, path: place)
            guard !has(pattern) else { throw AdapterProblem(place, "'\(text)' is named twice") }
            return pattern
        }

        mutating func add(_ pattern: FormPattern, _ field: Field) {
            if pattern.isPlain { names.append((pattern, field)) } else { patterns.append((pattern, field)) }
        }

        mutating func guardName(_ pattern: FormPattern, _ place: String) {
            guarded.append(Guarded(pattern: pattern, place: place))
        }
    }
}
