import Adapters
import Bytes

/// Works out the edits that take what ``FormCuts`` names out of the fields of a form, be it urlencoded or multipart. It may
/// allocate: most requests are never rewritten.
struct FormRewrite {
    private let cuts: FormCuts
    private let strip: FormStrip
    private let slots: [RecipientSlot]
    /// The numbers that went, ascending, by list.
    private var gone: [FormCuts.Item: [UInt32]] = [:]
    /// The pieces that go, ascending, by field.
    private var pieces: [Int: [Int]] = [:]
    private(set) var edits: [NestedEdit] = []
    /// Fields that go whole, ascending.
    private(set) var fields: [Int] = []

    init(_ cuts: FormCuts, _ strip: FormStrip, _ slots: [RecipientSlot]) {
        self.cuts = cuts
        self.strip = strip
        self.slots = slots
        for item in cuts.items where strip.rules[item.rule].isNumbered {
            let number = strip.rules[item.rule].place.numbers == 1 ? item.numbers.first : item.numbers.second
            gone[item.list(strip), default: []].append(number)
        }
        for list in gone.keys { gone[list]?.sort() }
        for piece in cuts.pieces { pieces[piece.field, default: []].append(piece.piece) }
        for field in pieces.keys { pieces[field]?.sort() }
    }

    /// Looks at one field; they come in order.
    /// - Parameters:
    ///   - index: which field of the body it is.
    ///   - name: its decoded name, and where the raw one stands.
    ///   - value: its decoded value, and where the raw one stands.
    ///   - known: what the field is.
    mutating func take(
        _ index: Int, name: Span<UInt8>, _ rawName: Range<Int>, value: Span<UInt8>, _ rawValue: Range<Int>, _ coding: TextCoding,
        known: FormShape.Field, in body: Span<UInt8>
    ) {
        if isGone(index, name) {
            fields.append(index)
            return
        }
        renumber(name, rawName, coding, body)
        if case .recipient(let slot) = known, let pieces = pieces[index] {
            cut(pieces, slots[slot].list, value, rawValue, coding, body)
        } else if known == .data, let pieces = alignedPieces(name) {
            var list = TextList()
            guard (try? list.read(value, pieces.syntax, limit: Self.noLimit)) != nil else { return }
            var ranges: [ByteRange] = []
            list.appendAlignedCuts(pieces.cuts, to: &ranges)
            append(ranges, rawValue, coding, body)
        }
    }

    private func isGone(_ index: Int, _ name: Span<UInt8>) -> Bool {
        for rule in strip.rules.indices {
            var numbers = FormPattern.Numbers()
            let holds = strip.rules[rule].isNumbered ? strip.rules[rule].place.holds(name, &numbers) : strip.rules[rule].place.matches(name, &numbers)
            if holds, cuts.items.contains(FormCuts.Item(rule, strip, numbers, field: index)) { return true }
        }
        return false
    }

    /// The numbers behind one that went become less.
    private mutating func renumber(_ name: Span<UInt8>, _ raw: Range<Int>, _ coding: TextCoding, _ body: Span<UInt8>) {
        guard !gone.isEmpty else { return }
        var found: [(digits: Range<Int>, number: Int)] = []
        for rule in strip.rules.indices where strip.rules[rule].isNumbered {
            var numbers = FormPattern.Numbers()
            let place = strip.rules[rule].place
            guard place.holds(name, &numbers) else { continue }
            let item = FormCuts.Item(rule, strip, numbers, field: -1)
            guard let gone = gone[item.list(strip)] else { continue }
            let old = place.numbers == 1 ? numbers.first : numbers.second
            let less = gone.prefix { $0 < old }.count
            if less > 0 { found.append((place.digits(name)[place.numbers - 1], Int(old) - less)) }
        }
        found.sort { $0.digits.lowerBound < $1.digits.lowerBound }
        var escaped = EscapedText(raw, coding)
        for (digits, number) in found {
            let lower = escaped.offset(of: digits.lowerBound, in: body)
            let upper = escaped.offset(of: digits.upperBound, in: body)
            edits.append(NestedEdit(range: lower..<upper, replacement: Array(String(number).utf8)))
        }
    }

    private mutating func cut(
        _ pieces: [Int], _ syntax: RecipientSpec.ListSyntax, _ value: Span<UInt8>, _ raw: Range<Int>, _ coding: TextCoding, _ body: Span<UInt8>
    ) {
        var list = TextList()
        var ranges: [ByteRange] = []
        // The same text was read a moment ago.
        guard (try? list.read(value, syntax, limit: Self.noLimit)) != nil else { return }
        if list.appendCuts(pieces, in: value, to: &ranges) {
            append(ranges, raw, coding, body)
        } else {
            edits.append(NestedEdit(range: raw))
        }
    }

    /// The pieces that the text called `name` loses because another text does.
    private func alignedPieces(_ name: Span<UInt8>) -> (cuts: [Int], syntax: RecipientSpec.ListSyntax)? {
        for rule in strip.rules.indices {
            for aligned in strip.rules[rule].aligned {
                var numbers = FormPattern.Numbers()
                guard aligned.matches(name, &numbers), let slot = strip.chains.firstIndex(where: { $0.first == rule }) else { continue }
                return leading[rule].flatMap { pieces[$0] }.map { ($0, slots[slot].list) }
            }
        }
        return nil
    }

    /// How many recipients there are was bounded when they were read.
    private static let noLimit = 1 << 30

    /// By rule with aligned lists: the field of the text that leads.
    var leading: [Int: Int] = [:]

    private mutating func append(_ ranges: [ByteRange], _ raw: Range<Int>, _ coding: TextCoding, _ body: Span<UInt8>) {
        var escaped = EscapedText(raw, coding)
        for range in ranges {
            let lower = escaped.offset(of: Int(range.lower), in: body)
            edits.append(NestedEdit(range: lower..<escaped.offset(of: Int(range.upper), in: body)))
        }
    }
}
