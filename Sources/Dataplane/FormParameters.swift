import Adapters
import Bytes
import Signing

/// The parameters of a signed request, from the forms it may have.
enum FormParameters {
    /// Appends the fields of a form or a query string.
    /// - Returns: `false` when it is none that all parsers read alike.
    static func append(_ form: Span<UInt8>, to out: inout [VonageSignature.Parameter]) -> Bool {
        var tape = FormTape()
        do throws(BodyFault) { try tape.scan(form) } catch { return false }
        var text = GrowableBytes()
        for index in 0..<tape.count {
            text.reset()
            tape.appendName(index, in: form, to: &text)
            let name = Array(text.bytes)
            text.reset()
            tape.appendValue(index, in: form, to: &text)
            out.append(.init(name: name, value: Array(text.bytes)))
        }
        return true
    }

    /// Appends the members of a JSON object: texts as they are, everything else as it is written.
    static func appendJSON(_ json: Span<UInt8>, to out: inout [VonageSignature.Parameter]) -> Bool {
        var tape = JSONTape()
        do throws(BodyFault) { try tape.scan(json) } catch { return false }
        guard tape[0].kind == .object else { return false }
        var text = GrowableBytes()
        var child = 1
        while child < tape.count {
            text.reset()
            tape.appendKey(child, in: json, to: &text)
            let name = Array(text.bytes)
            text.reset()
            if tape[child].kind == .string { tape.appendString(child, in: json, to: &text) } else { text.append(json.extracting(tape[child].value.range)) }
            out.append(.init(name: name, value: Array(text.bytes)))
            child = Int(tape[child].end)
        }
        return true
    }

    /// Where the value of the one field or member `name` stands, quotes left out.
    static func value(of name: [UInt8], in body: Span<UInt8>) -> Range<Int>? {
        var json = JSONTape()
        do throws(BodyFault) {
            try json.scan(body)
            guard let member = json.member(named: name.span, of: 0, in: body), json[member].kind == .string else { return nil }
            return json[member].content
        } catch {}
        var form = FormTape()
        do throws(BodyFault) { try form.scan(body) } catch { return nil }
        guard let field = form.field(named: name.span, in: body) else { return nil }
        return form[field].value.range
    }
}
