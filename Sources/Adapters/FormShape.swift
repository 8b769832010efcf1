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
    /// All of them, the recipients first.
    private let names: [NameTable.Name]
    private let table: NameTable

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
        var table = NameTable()
        names = (recipients + data).map { table.add($0) }
        self.table = table
        guard endpoint.strip.isEmpty else { throw AdapterProblem("strip", "only JSON bodies can be stripped") }
        guard endpoint.overrides.isEmpty else { throw AdapterProblem("overrides", "only JSON bodies have overrides") }
    }

    /// What the field whose name stands at `range` of `body`, decoded and byte for byte, holds.
    public func field(_ range: Range<Int>, in body: Span<UInt8>) -> Field {
        let key = NameTable.Key(range, in: body)
        for index in names.indices where table.matches(names[index], key, in: body) {
            return index < recipients.count ? .recipient(index) : .data
        }
        return .unknown
    }
}
