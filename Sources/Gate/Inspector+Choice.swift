public import Adapters
import Bytes

/// What a form says in the field that tells calls apart.
struct Choice {
    var name: [UInt8] = []
    /// Why servers may disagree on its value.
    var refusal: Refusal?
    /// Whether the field is there; its value is in ``Inspector/text`` then.
    var isThere = false
    var isKnown = false
}

extension Inspector {
    /// Begins a request whose call a form field decides.
    public mutating func beginChoice() {
        choice.isKnown = false
        detail.reset()
    }

    /// What a request whose body is whole says to a match on a form field, which must be there once in body or query, or on the
    /// body itself.
    /// - Parameters:
    ///   - contentType: the value of its one Content-Type field; `nil` when it has none.
    ///   - limits: the bounds on the form.
    /// - Complexity: linear in body and query for the first match on a field, constant for further ones in a row on the same.
    public mutating func answer(
        _ match: RequestMatch, contentType: Span<UInt8>?, query: Span<UInt8>, body: Span<UInt8>, limits: FormLimits
    ) -> MatchAnswer {
        if let wanted = match.body {
            return answer(wanted, contentType: contentType, query: query, body: body, limits: limits)
        }
        if !choice.isKnown || choice.name != match.name {
            choice.name = match.name
            choice.isKnown = true
            choice.isThere = false
            choice.refusal = nil
            text.reset()
            do throws(Refusal) {
                if !body.isEmpty { try checkForm(contentType) }
                try look(for: match.name, in: body, limits)
                try look(for: match.name, in: query, limits)
            } catch { choice.refusal = error }
        }
        if let refusal = choice.refusal { return .refused(refusal) }
        return choice.isThere ? Self.answer(match, text) : .differs
    }

    private mutating func checkForm(_ contentType: Span<UInt8>?) throws(Refusal) {
        guard let contentType else { throw .contentTypeMissing }
        do throws(BodyFault) {
            guard try ContentType.parse(contentType).media == .form else { throw BodyFault(.badContentType, at: 0) }
        } catch {
            detail.append("calls under this path are told apart by a form field: send application/x-www-form-urlencoded")
            throw .contentTypeUnexpected
        }
    }

    private mutating func look(for name: [UInt8], in bytes: Span<UInt8>, _ limits: FormLimits) throws(Refusal) {
        do throws(BodyFault) { try form.scan(bytes, limits: limits) } catch { throw fault(error) }
        for index in 0..<form.count {
            switch form.match(index, name.span, in: bytes) {
            case .other: continue
            case .exact:
                guard !choice.isThere else {
                    detail.append(name.span)
                    throw .nameRepeated
                }
                choice.isThere = true
                form.appendValue(index, in: bytes, to: &text)
            case .bracketed, .misspelt:
                detail.append("servers may read a field of this form as ")
                detail.append(name.span)
                throw .nameMisspelt
            }
        }
    }

    private static func answer(_ match: RequestMatch, _ text: borrowing GrowableBytes) -> MatchAnswer {
        text.withSpan { match.answer($0) }
    }
}
