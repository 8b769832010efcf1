public import Adapters
import Bytes
import Recipients

extension Inspector {
    /// Reads everything of a request that does not depend on what is suppressed.
    /// - Returns: why the request cannot be judged; `nil` when it can.
    @usableFromInline
    mutating func read(
        _ endpoint: Endpoint, path: Span<UInt8>, contentType: Span<UInt8>?, query: Span<UInt8>, body: Span<UInt8>, isSigned: Bool
    ) -> Refusal? {
        findings.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        suspects.removeAll(keepingCapacity: true)
        dearSuspects = 0
        lists.removeAll(keepingCapacity: true)
        trail.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        isFilled.removeAll(keepingCapacity: true)
        isFilled.append(contentsOf: repeatElement(false, count: endpoint.slots.count))
        seenSlots = 0
        isScheduled = false
        normalForms.reset(keeping: 64 << 10)
        detail.reset()
        self.endpoint = endpoint
        self.isSigned = isSigned
        do throws(Refusal) {
            guard body.count <= endpoint.bodyLimit else { throw .bodyTooLarge }
            var boundary = 0..<0
            format = try bodyFormat(contentType, endpoint, body, &boundary)
            if endpoint.hasSlotsBeside { try readBeside(endpoint, path: path) }
            switch format {
            case .form:
                guard let shape = endpoint.form else { throw .internalFault }
                try readForm(shape, endpoint, query: query, body: body)
            case .json:
                guard let shape = endpoint.document else { throw .internalFault }
                try readJSON(shape, endpoint, query: query, body: body)
                try checkRequired(endpoint, outsideOfBody: true)
            case .none: try readQuery(endpoint, query)
            case .multipart, .mime: throw .internalFault
            }
            guard !findings.isEmpty else { throw .recipientMissing }
            try checkAlternatives(endpoint)
            return nil
        } catch {
            unmonitoredVerdict = .refuse(error)
            return error
        }
    }

    /// Of each set of alternatives one slot at least must have been filled.
    private mutating func checkAlternatives(_ endpoint: Endpoint) throws(Refusal) {
        for index in endpoint.alternatives.indices {
            var isMet = false
            for slot in endpoint.alternatives[index] where isFilled[slot] { isMet = true }
            if isMet { continue }
            for (number, slot) in endpoint.alternatives[index].enumerated() {
                if number > 0 { detail.append(" or ") }
                detail.append(endpoint.slots[slot].at)
            }
            throw .recipientMissing
        }
    }

    /// The format the Content-Type says the body has, of those the endpoint takes.
    /// - Parameter boundary: gets where a multipart body's boundary stands in the Content-Type.
    private mutating func bodyFormat(
        _ value: Span<UInt8>?, _ endpoint: Endpoint, _ body: Span<UInt8>, _ boundary: inout Range<Int>
    ) throws(Refusal) -> EndpointSpec.Format {
        if body.isEmpty, endpoint.takesNoBody { return .none }
        guard !endpoint.bodyTypes.isEmpty else {
            detail.append("this endpoint takes no body")
            throw .contentTypeUnexpected
        }
        guard let value else {
            detail.append("this endpoint takes ")
            appendContentTypes(endpoint)
            throw .contentTypeMissing
        }
        if let format = endpoint.format(of: value) { return format }
        let type: ContentType
        do throws(BodyFault) { type = try ContentType.parse(value) } catch { throw fault(error) }
        if let range = type.boundary { boundary = range.range }
        var end = 0
        while end < value.count, value[end] != UInt8(ascii: ";"), value[end] != 0x20, value[end] != 0x09 { end += 1 }
        if let format = endpoint.format(of: value.extracting(0..<end)) { return format }
        detail.append("send ")
        appendContentTypes(endpoint)
        throw .contentTypeUnexpected
    }

    private mutating func appendContentTypes(_ endpoint: Endpoint) {
        for index in endpoint.bodyTypes.indices {
            if index > 0 { detail.append(" or ") }
            let name = endpoint.bodyTypes[index].name
            detail.append(name.span)
        }
    }

    /// The refusal for a fault of the scanners, with its sentence as the detail.
    mutating func fault(_ fault: BodyFault) -> Refusal {
        detail.reset()
        fault.write(into: &detail)
        switch fault.cause {
        case .duplicateKey: return .nameRepeated
        case .badContentType: return .contentTypeUnexpected
        case .unsupportedCharset, .unsupportedParameter, .repeatedParameter, .badBoundary: return .charsetUnexpected
        default: return fault.status == 413 ? .bodyTooComplex : .bodyMalformed
        }
    }
}
