import Adapters
import Bytes

extension Inspector {
    /// Appends a form without those who are blocked, and what goes with them.
    mutating func appendRewrittenForm(_ body: Span<UInt8>, into out: inout GrowableBytes) {
        guard let endpoint, let shape = endpoint.form else { return }
        var rewrite = FormRewrite(formCuts, shape.strip, endpoint.slots)
        for finding in findings where finding.source == .body && finding.part >= 0 {
            if let rule = shape.strip.chains[Int(finding.slot)].first { rewrite.leading[rule] = finding.field }
        }
        // The tape may hold the query by now. The body was read before, so it can be read.
        guard (try? scanForm(body, endpoint)) != nil else { return }
        var name = GrowableBytes(capacity: 256)
        for index in 0..<form.count {
            name.reset()
            text.reset()
            form.appendName(index, in: body, to: &name)
            form.appendValue(index, in: body, to: &text)
            Self.take(index, form[index], name, text, shape, body, &rewrite)
        }
        ranges.removeAll(keepingCapacity: true)
        form.appendCuts(rewrite.fields, in: body, to: &ranges)
        var edits = rewrite.edits
        var inner: [NestedEdit] = []
        appendNestEdits(body, to: &inner)
        // Texts in fields that go need no change.
        edits += inner.filter { edit in !rewrite.fields.contains { form[$0].range.contains(edit.range.lowerBound) } }
        appendEdited(body, edits, into: &out)
    }

    /// The same for a multipart body.
    mutating func appendRewrittenParts(_ body: Span<UInt8>, into out: inout GrowableBytes) {
        guard let endpoint, let shape = endpoint.form else { return }
        var rewrite = FormRewrite(formCuts, shape.strip, endpoint.slots)
        for finding in findings where finding.part >= 0 {
            if let rule = shape.strip.chains[Int(finding.slot)].first { rewrite.leading[rule] = finding.field }
        }
        for index in 0..<multipart.count {
            let part = multipart[index]
            let name = body.extracting(part.name.range)
            var numbers = FormPattern.Numbers()
            let known = shape.field(part.name.range, in: body, &numbers)
            rewrite.take(
                index, name: name, part.name.range, value: body.extracting(part.content.range), part.content.range, .plain, known: known, in: body)
        }
        ranges.removeAll(keepingCapacity: true)
        multipart.appendCuts(rewrite.fields, to: &ranges)
        var edits = rewrite.edits
        var inner: [NestedEdit] = []
        appendNestEdits(body, to: &inner)
        edits += inner.filter { edit in !rewrite.fields.contains { multipart[$0].range.range.contains(edit.range.lowerBound) } }
        edits += lengthEdits(edits)
        appendEdited(body, edits, into: &out)
    }

    /// What makes the Content-Length of parts right again whose content was changed.
    private mutating func lengthEdits(_ edits: [NestedEdit]) -> [NestedEdit] {
        var lengths: [NestedEdit] = []
        for index in 0..<multipart.count where !multipart[index].length.isEmpty {
            let content = multipart[index].content.range
            var length = content.count
            for edit in edits where content.contains(edit.range.lowerBound) { length += edit.replacement.count - edit.range.count }
            if length != content.count { lengths.append(NestedEdit(range: multipart[index].length.range, replacement: Array(String(length).utf8))) }
        }
        return lengths
    }

    private static func take(
        _ index: Int, _ field: FormField, _ name: borrowing GrowableBytes, _ value: borrowing GrowableBytes, _ shape: FormShape,
        _ body: Span<UInt8>, _ rewrite: inout FormRewrite
    ) {
        name.withSpan { name in
            value.withSpan { value in
                var numbers = FormPattern.Numbers()
                let known = shape.field(0..<name.count, in: name, &numbers)
                rewrite.take(index, name: name, field.name.range, value: value, field.value.range, .form, known: known, in: body)
            }
        }
    }
}
