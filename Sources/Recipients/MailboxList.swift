public import Bytes

/// An address list of RFC 5322 taken apart: a comma list of mailboxes and groups, as it stands in a `To` header or in a text
/// that a mail provider takes for one.
///
/// One list serves many texts: it keeps its storage, so a warm one allocates nothing. It holds offsets alone.
///
/// ```swift
/// try list.read(text)                                  // Ann <ann@x.com>, "B, C" <b@x.com>, Team: d@x.com, e@x.com;
/// for i in 0..<list.count { ... text.extracting(list[i].address.range) ... list[i].spelling ... }
/// list.appendCuts([1, 2], in: text, to: &ranges)       // Ann <ann@x.com>, Team: e@x.com;
/// ```
///
/// **What is refused.** Every parser must find the same addresses: no semicolon outside of a group, no nested or open group,
/// no route, nothing unbalanced, no text behind an address. What only decoration makes doubtful (comments, an address in a
/// display name, a quoted local part) is ``Spelling/unusual`` and must be refused by the caller.
public struct MailboxList: ~Copyable {
    /// One mailbox, by offsets into the text.
    public struct Element: Equatable, Sendable {
        /// `Ann <ann@x.com>`, without blanks around it.
        public let element: ByteRange
        /// `ann@x.com`, perhaps with blanks around it. May be no address at all; ``Normaliser`` tells.
        public let address: ByteRange
        /// Of the display name, and whether there are comments. The address has a spelling of its own.
        public let spelling: Spelling
    }

    /// A mailbox or a group, and its neighbours in its own scope: the list, or the group it is in.
    private struct Entry {
        var range: ByteRange
        /// Where the entry before it ends; -1 when it is the first.
        var before: Int
        /// The last comma before the entry behind it, or before the end; -1 when there is none.
        var after = -1
        /// The group it is a member of; -1 when it is none.
        var group: Int
        /// Members that stay, while cuts are worked out.
        var left = 0
        var isCut = false
    }

    private var elements: [Element] = []
    private var entries: [Entry] = []
    /// The entry of each element.
    private var places: [Int] = []

    public init() {
        elements.reserveCapacity(16)
        entries.reserveCapacity(16)
        places.reserveCapacity(16)
    }

    public var count: Int { elements.count }
    public subscript(index: Int) -> Element { elements[index] }

    /// Reads `text` and replaces the elements. Empty elements (`a@x.com,,b@x.com`) and empty groups (`undisclosed-recipients:;`)
    /// are none.
    /// - Parameters:
    ///   - text: the list after the body's own decoding; folded lines are CRLF and a blank.
    ///   - limit: the most mailboxes that may stand in it.
    /// - Throws: when parsers would not agree on the mailboxes. The list is then empty.
    /// - Complexity: linear.
    public mutating func read(_ text: Span<UInt8>, limit: Int = 1000) throws(IdentifierProblem) {
        elements.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        var isWhole = false
        defer { if !isWhole { elements.removeAll(keepingCapacity: true) } }
        guard text.count <= Int(Int32.max) else { throw .tooLong }
        try split(text, limit)
        isWhole = true
    }

    private mutating func split(_ text: Span<UInt8>, _ limit: Int) throws(IdentifierProblem) {
        var index = 0
        var group = -1
        /// The entry before this place in its scope, and whether a comma stands behind it.
        var last = -1
        var isSeparated = false
        while true {
            index = try MailSyntax.skipBlank(text, from: index, to: text.count)
            guard index < text.count else { break }
            if text[index] == UInt8(ascii: ",") {
                if last >= 0 { entries[last].after = index }
                isSeparated = true
                index += 1
                continue
            }
            if text[index] == UInt8(ascii: ";") {
                guard group >= 0 else { throw .severalMailboxes }
                entries[group].range.upper = UInt32(index + 1)
                (last, group, isSeparated) = (group, -1, false)
                index += 1
                continue
            }
            // Only a group can end without a comma.
            guard last < 0 || isSeparated else { throw .groupSyntax }
            let piece = try Self.piece(text, from: index)
            let before = last < 0 ? -1 : Int(entries[last].range.upper)
            isSeparated = false
            last = entries.count
            if piece.next < text.count, text[piece.next] == UInt8(ascii: ":") {
                guard group < 0, !piece.range.isEmpty else { throw .groupSyntax }
                let name = try Mailbox.spelling(ofName: text.extracting(piece.range), address: text.extracting(0..<0))
                guard name == .agreed else { throw .groupSyntax }
                entries.append(Entry(range: ByteRange(piece.range), before: before, group: -1))
                (group, last) = (last, -1)
                index = piece.next + 1
                guard entries.count / 2 - 8 <= limit else { throw .tooManyMailboxes }
            } else {
                guard elements.count < limit else { throw .tooManyMailboxes }
                try append(piece.range, text)
                entries.append(Entry(range: ByteRange(piece.range), before: before, group: group))
                index = piece.next
            }
        }
        guard group < 0 else { throw .groupSyntax }
    }

    private mutating func append(_ range: Range<Int>, _ text: Span<UInt8>) throws(IdentifierProblem) {
        guard range.count <= MailAddress.mailboxLimit else { throw .tooLong }
        let mailbox = try Mailbox(text.extracting(range))
        let address = (range.lowerBound + mailbox.address.lowerBound)..<(range.lowerBound + mailbox.address.upperBound)
        elements.append(Element(element: ByteRange(range), address: ByteRange(address), spelling: mailbox.spelling))
        places.append(entries.count)
    }

    /// The text from `start` to the next comma, colon or semicolon that is not quoted, without blanks at its end.
    private static func piece(_ text: Span<UInt8>, from start: Int) throws(IdentifierProblem) -> (range: Range<Int>, next: Int) {
        var index = start
        var end = start
        var isAngled = false
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""): index = try MailSyntax.skipQuoted(text, from: index, to: text.count)
            case UInt8(ascii: "("): index = try MailSyntax.skipComment(text, from: index, to: text.count)
            case 0x09, 0x0d, 0x20:
                index = try MailSyntax.skipBlank(text, from: index, to: text.count)
                continue
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"):
                if isAngled { throw .sourceRoute }
                return (start..<end, index)
            case UInt8(ascii: "<"):
                isAngled = true
                index += 1
            case UInt8(ascii: ">"):
                isAngled = false
                index += 1
            case let byte where byte.isASCIIControl: throw .controlCharacter
            default: index += 1
            }
            end = index
        }
        return (start..<end, index)
    }

    /// Appends the byte ranges whose removal takes the mailboxes `cuts` out of the text and leaves a list of the others. A comma
    /// goes with each; a group that loses its last member goes whole.
    /// - Parameters:
    ///   - cuts: indices of elements in ascending order.
    ///   - text: the text that was read.
    ///   - ranges: gets ascending ranges that do not overlap.
    /// - Returns: whether any mailbox is left. If none is, take the whole field out instead: what the ranges leave is blank.
    /// - Complexity: linear in the list.
    public mutating func appendCuts(_ cuts: [Int], in text: Span<UInt8>, to ranges: inout [ByteRange]) -> Bool {
        for index in entries.indices { (entries[index].left, entries[index].isCut) = (0, false) }
        for index in places.indices where entries[places[index]].group >= 0 { entries[entries[places[index]].group].left += 1 }
        for index in cuts.indices {
            let place = places[cuts[index]]
            entries[place].isCut = true
            let group = entries[place].group
            guard group >= 0 else { continue }
            entries[group].left -= 1
            if entries[group].left == 0 { entries[group].isCut = true }
        }
        // Whether an entry stays before this one, in the list and in the group.
        var isLed = false
        var isLedInGroup = false
        for index in entries.indices {
            let entry = entries[index]
            if entry.group < 0 {
                if entry.isCut { appendCut(entry, isLed, text, &ranges) } else { isLed = true }
                isLedInGroup = false
            } else if !entries[entry.group].isCut {
                if entry.isCut { appendCut(entry, isLedInGroup, text, &ranges) } else { isLedInGroup = true }
            }
        }
        return cuts.count < elements.count
    }

    /// Cuts the entry with all that separates it from the one before it, if one stays there, else with the comma behind it. So
    /// no line of a folded header is left blank.
    private func appendCut(_ entry: Entry, _ isLed: Bool, _ text: Span<UInt8>, _ ranges: inout [ByteRange]) {
        var range = entry.range.range
        if isLed, entry.before >= 0 {
            range = entry.before..<range.upperBound
        } else if entry.after >= 0 {
            // The text was read: its blanks are in order.
            let next = (try? MailSyntax.skipBlank(text, from: entry.after + 1, to: text.count)) ?? entry.after + 1
            range = range.lowerBound..<next
        }
        ranges.append(ByteRange(range))
    }
}
