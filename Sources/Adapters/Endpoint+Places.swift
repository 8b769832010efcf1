import Bytes

extension Endpoint {
    /// Where the segment that holds a recipient stands in `path`, which the endpoint's template matches; empty when it does not.
    public func range(ofSegment segment: Int, in path: Span<UInt8>) -> Range<Int> { self.path.range(of: segment, in: path) }

    static func bodyTypes(_ formats: [EndpointSpec.Format], _ contentTypes: [String]) throws(AdapterProblem) -> [BodyType] {
        let formats = formats.filter { $0 != .none }
        let written = contentTypes.enumerated().filter { $0.element != "none" }
        guard contentTypes.isEmpty || contentTypes.count == written.count || formats.count == 1 else {
            throw AdapterProblem("content_types", "'none' needs a body of one format: nothing else says which one it is")
        }
        guard !written.isEmpty else {
            return formats.map { BodyType(name: RouteBytes.lower($0.mediaType.utf8), format: $0) }
        }
        var types: [BodyType] = []
        for (index, text) in written {
            let name = RouteBytes.lower(text.utf8)
            let place = "content_types[\(index)]"
            let media: ContentType.Media?
            do throws(BodyFault) { media = try ContentType.parse(name.span).media } catch { media = nil }
            // A multipart type without its boundary is none: the usual one needs no saying.
            guard let media, name.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: ";") }) else {
                throw AdapterProblem(place, "'\(text)' is not a media type such as application/x-amz-json-1.0")
            }
            let said: EndpointSpec.Format? =
                switch media {
                case .form: .form
                case .json: .json
                case .multipart: .multipart
                default: formats.count == 1 ? formats[0] : nil
                }
            guard let said, formats.contains(said) else { throw AdapterProblem(place, "'\(text)' is a type of none of the formats in body") }
            types.append(BodyType(name: name, format: said))
        }
        return types
    }

    static func pathSlots(_ spec: EndpointSpec, _ path: PathTemplate) throws(AdapterProblem) -> [PathSlot] {
        var slots: [PathSlot] = []
        for (index, slot) in spec.recipients.enumerated() where slot.location == .path {
            let name = try Place(slot.at, path: "recipients[\(index)].at").base
            guard let segment = path.segment(of: name) else {
                throw AdapterProblem(
                    "recipients[\(index)].at", "the path has no segment {\(name)}", word: name, among: path.parameterNames,
                    suggestion: path.parameterNames.isEmpty ? "name it in the path: /v1/{\(name)}" : "the path has {\(path.parameterNames.joined(separator: "}, {"))}")
            }
            slots.append(PathSlot(slot: index, segment: segment))
        }
        return slots
    }

    static func headerSlots(_ spec: EndpointSpec) throws(AdapterProblem) -> [HeaderSlot] {
        var slots: [HeaderSlot] = []
        for (index, slot) in spec.recipients.enumerated() where slot.location == .header {
            let name = RouteBytes.lower(try Place(slot.at, path: "recipients[\(index)].at").base.utf8)
            guard !name.isEmpty, name.allSatisfy({ RouteBytes.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) else {
                throw AdapterProblem("recipients[\(index)].at", "must be a header's name, such as X-SMTPAPI")
            }
            slots.append(HeaderSlot(slot: index, name: name))
        }
        return slots
    }

    /// Whether a strip rule names texts that line up with this slot's.
    static func hasAligned(_ slot: RecipientSpec, _ spec: EndpointSpec) -> Bool {
        spec.strip.contains { $0.remove == slot.at && !$0.aligned.isEmpty }
    }
}
