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

    /// Appends the call that takes the send back: method, path and body. `{message_id}`, which only the provider's answer tells, stays as it
    /// is. Nothing, when the call needs a value that the send does not have, or has in characters that mean something in a path or in JSON.
    /// - Parameters:
    ///   - endpoint: that of the last inspection.
    ///   - path: the send's own path, without query.
    ///   - body: the bytes that were inspected.
    public mutating func appendCancel(_ endpoint: Endpoint, path: Span<UInt8>, _ body: Span<UInt8>, into out: inout GrowableBytes) {
        guard let rule = endpoint.scheduled else { return }
        let start = out.count
        for index in rule.call.indices {
            switch rule.call[index] {
            case .text(let text): out.append(text.span)
            case .segment(let number, let suffix): ScheduledRule.append(segment: number, suffix: suffix, of: path, into: &out)
            case .value(let place, let field):
                text.reset()
                takeValue(place, field, body)
                guard Self.isPlainWord(text) else { return out.truncate(to: start) }
                text.withSpan { out.append($0) }
            }
        }
    }

    /// Copies the one value at the place to ``text``.
    private mutating func takeValue(_ place: BodyPath?, _ field: [UInt8], _ body: Span<UInt8>) {
        switch format {
        case .json:
            var found = -1
            place?.forEach(json, in: body) { found = $0 }
            guard found >= 0 else { return }
            switch json[found].kind {
            case .string: json.appendString(found, in: body, to: &text)
            case .number: text.append(body.extracting(json[found].value.range))
            case .object, .array, .true, .false, .null: break
            }
        case .form:
            do throws(BodyFault) { try form.scan(body) } catch { return }
            if let index = form.field(named: field.span, in: body) { form.appendValue(index, in: body, to: &text) }
        case .multipart:
            for index in 0..<multipart.count where multipart.match(index, field.span, in: body) == .exact {
                text.append(body.extracting(multipart[index].content.range))
                return
            }
        case .mime, .none: break
        }
    }

    private static func isPlainWord(_ text: borrowing GrowableBytes) -> Bool {
        text.withSpan { text in
            guard !text.isEmpty, text.count <= 128 else { return false }
            for index in text.indices where !text[index].isASCIILetter && !text[index].isASCIIDigit {
                guard text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "_") || text[index] == UInt8(ascii: ".") else { return false }
            }
            return true
        }
    }
}
