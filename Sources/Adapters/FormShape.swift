/// What an adapter knows about a form: which fields hold recipients and which hold none. Every other field is unknown,
/// and its value is searched for suppressed identifiers (hardening.md 2.6).
public struct FormShape: Sendable {
    public enum Field: Sendable, Hashable {
        /// An index into ``Endpoint/slots``.
        case recipient(Int)
        case data
        case unknown
    }

    /// Names of recipient fields, by slot.
    public let recipients: [[UInt8]]
    /// Names of fields without recipients.
    public let data: [[UInt8]]

    init(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        guard endpoint.recipients.count <= DocumentShape.memberLimit else {
            throw AdapterProblem("recipients", "more than \(DocumentShape.memberLimit) recipient fields are named")
        }
        recipients = endpoint.recipients.map { Array($0.at.utf8) }
        data = endpoint.data.map { Array($0.utf8) }
        for (index, name) in (recipients + data).enumerated() {
            let place = index < recipients.count ? "recipients[\(index)].at" : "data[\(index - recipients.count)]"
            guard !name.isEmpty, name.allSatisfy({ RouteBytes.isUnreserved($0) }) else {
                throw AdapterProblem(place, "must be a field's name: letters, digits, '-', '.', '_' or '~'")
            }
            guard (recipients + data)[..<index].allSatisfy({ RouteBytes.lower($0) != RouteBytes.lower(name) }) else {
                throw AdapterProblem(place, "the field is named twice")
            }
        }
        guard endpoint.strip.isEmpty else { throw AdapterProblem("strip", "only JSON bodies can be stripped") }
        guard endpoint.overrides.isEmpty else { throw AdapterProblem("overrides", "only JSON bodies have overrides") }
    }

    /// What the field called `name`, decoded and byte for byte, holds.
    public func field(_ name: Span<UInt8>) -> Field {
        for slot in recipients.indices where RouteBytes.equal(name, recipients[slot]) { return .recipient(slot) }
        for index in data.indices where RouteBytes.equal(name, data[index]) { return .data }
        return .unknown
    }
}
