import Bytes
import Recipients

/// A list of mailboxes: what is taken out is gone, all others stay as they were and in their order.
enum AddressListHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        guard let choices = input.first else { return }
        let text = Array(input.dropFirst())
        guard let all = try read(text) else { return }
        let cuts = all.indices.filter { choices & (1 << UInt8($0 & 7)) != 0 }
        let kept = all.indices.filter { !cuts.contains($0) }.map { Array(text[all[$0]]) }
        var list = MailboxList()
        var ranges: [ByteRange] = []
        do throws(IdentifierProblem) { try list.read(text.span) } catch { throw Violation(description: "read twice it is another") }
        let isAnybodyLeft = list.appendCuts(cuts, in: text.span, to: &ranges)
        try require(isAnybodyLeft == !kept.isEmpty || all.isEmpty, "who is left: \(isAnybodyLeft)")
        let rest = try take(ranges, outOf: text)
        let left = try read(rest)
        try require(left?.map { Array(rest[$0]) } == kept, "\(String(decoding: rest, as: UTF8.self)) is left")
    }

    private static func read(_ text: [UInt8]) throws(Violation) -> [Range<Int>]? {
        var list = MailboxList()
        do throws(IdentifierProblem) { try list.read(text.span) } catch {
            try require(list.count == 0, "mailboxes of no list")
            return nil
        }
        var end = 0
        var ranges: [Range<Int>] = []
        for index in 0..<list.count {
            let (element, address) = (list[index].element.range, list[index].address.range)
            try require(element.lowerBound >= end && element.upperBound <= text.count, "a mailbox at \(element)")
            try require(address.lowerBound >= element.lowerBound && address.upperBound <= element.upperBound, "an address at \(address)")
            end = element.upperBound
            ranges.append(element)
        }
        return ranges
    }

    static func take(_ ranges: [ByteRange], outOf text: [UInt8]) throws(Violation) -> [UInt8] {
        var rest: [UInt8] = []
        var from = 0
        for range in ranges {
            try require(Int(range.lower) >= from && Int(range.upper) <= text.count, "a cut at \(range)")
            rest += text[from..<Int(range.lower)]
            from = Int(range.upper)
        }
        return rest + text[from...]
    }
}
