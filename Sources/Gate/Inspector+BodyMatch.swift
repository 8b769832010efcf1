import Adapters
import Bytes

/// Calls that are no sends, and what their bodies say: whether they undo an opt-out. In doubt they do.
extension Inspector {
    /// What a request whose body is whole says to a match on it. Where it holds, ``detail`` names the place.
    /// - Complexity: linear in the body for each of the conditions.
    mutating func answer(
        _ match: BodyMatch, contentType: Span<UInt8>?, query: Span<UInt8>, body: Span<UInt8>, limits: FormLimits
    ) -> MatchAnswer {
        do throws(Refusal) {
            guard body.count <= match.bodyLimit else { throw .bodyTooLarge }
            var boundary = 0..<0
            let format = try bodyFormat(contentType, match, body, &boundary)
            var holds = try saysInQuery(match, query, limits)
            switch format {
            case .json where !holds: holds = try saysInJSON(match, body)
            case .form where !holds:
                do throws(BodyFault) { try form.scan(body, limits: limits) } catch { throw fault(error) }
                holds = saysInFields(match, body)
            case .multipart where !holds:
                guard let contentType else { throw .internalFault }
                holds = try saysInParts(match, contentType.extracting(boundary), body, limits)
            default: break
            }
            return holds ? .holds : .differs
        } catch { return .refused(error) }
    }

    // MARK: JSON

    private mutating func saysInJSON(_ match: BodyMatch, _ body: Span<UInt8>) throws(Refusal) -> Bool {
        do throws(BodyFault) { try json.scan(body, limits: match.jsonLimits) } catch { throw fault(error) }
        for index in match.conditions.indices where says(0, match, index, 0, body) {
            detail.append(match.conditions[index].place)
            return true
        }
        return false
    }

    /// Whether the condition holds for what stands below `node`, where `step` of its steps have been taken.
    private mutating func says(_ node: Int, _ match: BodyMatch, _ condition: Int, _ step: Int, _ body: Span<UInt8>) -> Bool {
        let kind = json[node].kind
        guard let next = match.conditions[condition].step(step) else { return holds(node, match, condition, step, body) }
        if kind == .null { return false }
        // Another form than the provider documents may be understood all the same.
        guard kind == (next == .items ? .array : .object) else { return !match.knows(kind.form, condition, step) }
        var child = node + 1
        let end = Int(json[node].end)
        while child < end {
            if says(member: child, match, condition, step, body) { return true }
            child = Int(json[child].end)
        }
        return false
    }

    private mutating func says(member child: Int, _ match: BodyMatch, _ condition: Int, _ step: Int, _ body: Span<UInt8>) -> Bool {
        guard case .member(let name)? = match.conditions[condition].step(step) else { return says(child, match, condition, step + 1, body) }
        if json.isAlike(child, name.span, in: body) { return says(child, match, condition, step + 1, body) }
        // `a.b` in place of `a: {b: ...}`: some providers read a path in the key.
        guard match.conditions[condition].step(step + 1) != nil else { return false }
        text.reset()
        json.appendKey(child, in: body, to: &text)
        guard let taken = Self.steps(text, match.conditions[condition], step) else { return false }
        return says(child, match, condition, taken, body)
    }

    /// How many steps have been taken at the end of a key that holds several of them with dots or brackets between.
    private static func steps(_ key: borrowing GrowableBytes, _ condition: BodyMatch.Condition, _ first: Int) -> Int? {
        key.withSpan { key in
            func isMark(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") }
            var step = first
            var at = 0
            while at < key.count, step < condition.steps.count {
                var end = at
                while end < key.count, !isMark(key[end]) { end += 1 }
                if case .member(let name) = condition.steps[step] {
                    guard ASCIIText.caselessEqual(key.extracting(at..<end), name.span) else { return nil }
                }
                step += 1
                at = end
                while at < key.count, isMark(key[at]) { at += 1 }
            }
            return step > first + 1 ? step : nil
        }
    }

    private mutating func holds(_ node: Int, _ match: BodyMatch, _ condition: Int, _ step: Int, _ body: Span<UInt8>) -> Bool {
        let kind = json[node].kind
        text.reset()
        switch kind {
        case .object, .array: return !match.knows(kind.form, condition, step)
        case .string: json.appendString(node, in: body, to: &text)
        case .null, .number, .true, .false: text.append(body.extracting(json[node].value.range))
        }
        return Self.holds(text, match.conditions[condition])
    }

    // MARK: Forms

    /// The query of a form is part of it. Beside JSON, what the body says must not stand in the query as well.
    private mutating func saysInQuery(_ match: BodyMatch, _ query: Span<UInt8>, _ limits: FormLimits) throws(Refusal) -> Bool {
        guard !query.isEmpty else { return false }
        do throws(BodyFault) { try form.scan(query, limits: limits) } catch { throw fault(error) }
        if match.conditions[0].field != nil { return saysInFields(match, query) }
        for condition in match.conditions {
            guard case .member(let name)? = condition.steps.first(where: { $0 != .items && $0 != .anyMember }) else { continue }
            for index in 0..<form.count where form.match(index, name.span, in: query) != .other {
                detail.append(name.span)
                detail.append(" in the query string")
                return true
            }
        }
        return false
    }

    /// - Precondition: ``form`` has been read from `bytes`.
    private mutating func saysInFields(_ match: BodyMatch, _ bytes: Span<UInt8>) -> Bool {
        for condition in match.conditions {
            guard let field = condition.field else { continue }
            for index in 0..<form.count where form.isAlike(index, field, in: bytes) {
                text.reset()
                form.appendValue(index, in: bytes, to: &text)
                guard Self.holds(text, condition) else { continue }
                detail.append(condition.place)
                return true
            }
        }
        return false
    }

    private mutating func saysInParts(
        _ match: BodyMatch, _ boundary: Span<UInt8>, _ body: Span<UInt8>, _ limits: FormLimits
    ) throws(Refusal) -> Bool {
        var bounds = MultipartLimits.standard
        bounds.nameBytes = limits.nameBytes
        do throws(BodyFault) { try multipart.scan(body, boundary: boundary, limits: bounds) } catch { throw fault(error) }
        for condition in match.conditions {
            guard let field = condition.field else { continue }
            for index in 0..<multipart.count where multipart.isAlike(index, field, in: body) {
                text.reset()
                text.append(body.extracting(multipart[index].content.range))
                guard Self.holds(text, condition) else { continue }
                detail.append(condition.place)
                return true
            }
        }
        return false
    }

    private static func holds(_ text: borrowing GrowableBytes, _ condition: BodyMatch.Condition) -> Bool {
        text.withSpan { condition.holds($0) }
    }
}

extension JSONNode.Kind {
    fileprivate var form: BodyMatch.Form {
        switch self {
        case .array: .list
        case .object: .object
        case .string, .number, .true, .false, .null: .text
        }
    }
}
