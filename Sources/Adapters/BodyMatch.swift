import Bytes

/// A compiled ``BodyMatchSpec``. Immutable.
public final class BodyMatch: Sendable, TypedBody {
    /// One place and what must stand there.
    public struct Condition: Sendable {
        /// As the adapter's file says it, for people.
        public let place: String
        /// The way there in a JSON document.
        public let steps: [Step]
        /// Its name in a form.
        public let field: FormShape.Guarded?
        let test: BodyMatchSpec.Condition.Test

        /// The step behind the first `count`; `nil` at the end.
        public func step(_ count: Int) -> Step? { count < steps.count ? steps[count] : nil }

        /// Whether what stands at the place makes the call one that is meant.
        /// - Parameter text: the decoded text, or a number, `true`, `false` or `null` as written.
        public func holds(_ text: Span<UInt8>) -> Bool {
            let word = text.extracting(ASCIIText.trimmingBlanks(text, text.indices))
            switch test {
            case .present: return !ASCIIText.equal(text, "null".utf8.span)
            case .anyOf(let texts): return texts.contains { ASCIIText.caselessEqual(word, $0.utf8.span) }
            case .noneOf(let texts): return !texts.contains { ASCIIText.caselessEqual(word, $0.utf8.span) }
            }
        }
    }

    public enum Step: Sendable, Equatable {
        case member([UInt8])
        case items
        case anyMember
    }

    /// What a value is on the way to a place.
    public enum Form: Sendable { case text, list, object }

    /// Whether a value of this form, behind the first `count` steps of a condition, is one that another condition speaks of: a
    /// place may have several forms, each of which is named.
    public func knows(_ form: Form, _ condition: Int, _ count: Int) -> Bool {
        let way = conditions[condition].steps.prefix(count)
        return conditions.contains { other in
            guard other.steps.starts(with: way) else { return false }
            return switch other.step(count) {
            case nil: form == .text
            case .items: form == .list
            case .member, .anyMember: form == .object
            }
        }
    }

    public let bodyTypes: [Endpoint.BodyType]
    public let untypedFormat: EndpointSpec.Format?
    /// A call without a body says nothing.
    public var takesNoBody: Bool { true }
    public let bodyLimit: Int
    public let conditions: [Condition]
    public let jsonLimits: JSONLimits

    init(_ spec: BodyMatchSpec, json: JSONLimits, path: String) throws(AdapterProblem) {
        guard !spec.conditions.isEmpty else { throw AdapterProblem("\(path).when", "name at least one place") }
        let isJSON = spec.formats == [.json]
        guard isJSON || !spec.formats.isEmpty && spec.formats.allSatisfy({ $0 == .form || $0 == .multipart }) else {
            throw AdapterProblem("\(path).body", "a body that is looked into is json, or form, multipart or both")
        }
        do throws(AdapterProblem) { bodyTypes = try Endpoint.bodyTypes(spec.formats, spec.contentTypes) } catch { throw error.under(path) }
        untypedFormat = spec.contentTypes.contains("none") && spec.formats.count == 1 ? spec.formats[0] : nil
        bodyLimit = spec.bodyLimit
        var conditions: [Condition] = []
        for (index, condition) in spec.conditions.enumerated() {
            conditions.append(try Self.compile(condition, isJSON: isJSON, path: "\(path).when[\(index)]"))
        }
        self.conditions = conditions
        var json = json
        json.stringBytes = max(json.stringBytes, spec.bodyLimit > 1 << 20 ? spec.bodyLimit : 0)
        jsonLimits = json
    }

    private static func compile(_ spec: BodyMatchSpec.Condition, isJSON: Bool, path: String) throws(AdapterProblem) -> Condition {
        switch spec.test {
        case .present: break
        case .anyOf(let texts), .noneOf(let texts):
            for text in texts where text.isEmpty || text.utf8.contains(where: { $0 < 0x21 || $0 > 0x7e }) {
                throw AdapterProblem(path, "'\(text)' cannot be compared: write a text without blanks, such as subscribed or true")
            }
        }
        guard isJSON else {
            let pattern = try FormPattern(spec.at, path: "\(path).at")
            return Condition(place: spec.at, steps: [], field: FormShape.Guarded(pattern: pattern, place: spec.at), test: spec.test)
        }
        var steps: [Step] = []
        for step in try FieldPath(spec.at, path: "\(path).at").steps {
            switch step {
            case .member(let name): steps.append(.member(Array(name.utf8)))
            case .items: steps.append(.items)
            case .anyMember: steps.append(.anyMember)
            case .recipient: throw AdapterProblem("\(path).at", "'{recipient}' has no meaning here")
            }
        }
        return Condition(place: spec.at, steps: steps, field: nil, test: spec.test)
    }
}
