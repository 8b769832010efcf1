public import Adapters
public import Bytes

extension Inspector {
    /// Whether the place asks for something. One that holds nothing, `false`, 0 or an empty text does not.
    private static func asks(_ node: JSONNode, _ body: Span<UInt8>) -> Bool {
        switch node.kind {
        case .null, .false: false
        case .string: !node.content.isEmpty
        case .number: !ASCIIText.equal(body.extracting(node.value.range), "0".utf8.span)
        case .object, .array: node.count > 0
        case .true: true
        }
    }

    /// Appends the times that the request asks for, as the sender wrote them, `, ` between them; at most 256 bytes.
    /// - Parameters:
    ///   - endpoint: that of the last inspection, which found the request to be ``isScheduled``.
    ///   - body: the bytes that were inspected.
    public mutating func appendScheduled(_ endpoint: Endpoint, _ body: Span<UInt8>, into out: inout GrowableBytes) {
        guard let rule = endpoint.scheduled else { return }
        let start = out.count
        switch format {
        case .json:
            for index in rule.paths.indices {
                rule.paths[index].forEach(json, in: body, isLax: true) { node in
                    guard Self.asks(json[node], body), out.count - start < 256 else { return }
                    if out.count > start { out.append(", ") }
                    if json[node].kind == .string { json.appendString(node, in: body, to: &out) } else { out.append(body.extracting(json[node].value.range)) }
                }
            }
        case .form: appendScheduledFields(rule, body, start, into: &out)
        case .multipart: appendScheduledParts(rule, body, start, into: &out)
        case .mime, .none: break
        }
        if out.count - start > 256 { out.truncate(to: start + 256) }
    }

    private mutating func appendScheduledFields(_ rule: ScheduledRule, _ body: Span<UInt8>, _ start: Int, into out: inout GrowableBytes) {
        do throws(BodyFault) { try form.scan(body) } catch { return }
        for index in 0..<form.count where !form[index].value.isEmpty && out.count - start < 256 {
            for name in rule.fields where form.match(index, name.span, in: body) == .exact {
                if out.count > start { out.append(", ") }
                form.appendValue(index, in: body, to: &out)
            }
        }
    }

    /// The parts are still those of the inspection.
    private mutating func appendScheduledParts(_ rule: ScheduledRule, _ body: Span<UInt8>, _ start: Int, into out: inout GrowableBytes) {
        for index in 0..<multipart.count where !multipart[index].content.isEmpty && out.count - start < 256 {
            for name in rule.fields where multipart.match(index, name.span, in: body) == .exact {
                if out.count > start { out.append(", ") }
                out.append(body.extracting(multipart[index].content.range))
            }
        }
    }
}
