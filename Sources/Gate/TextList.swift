import Adapters
import Bytes
import Recipients

/// Recipients that share one text, by offsets into the decoded text. One list serves many texts and keeps its storage.
struct TextList: ~Copyable {
    /// What stands between two separators.
    private struct Piece {
        /// Everything between them.
        var range: ByteRange
        /// Less the blanks around it; empty where there is nothing else.
        var content: ByteRange
    }

    private var pieces: [Piece] = []
    /// The pieces that hold something.
    private var filled: [Int] = []
    private var mailboxes = MailboxList()
    private var syntax = RecipientSpec.ListSyntax.one

    init() {
        pieces.reserveCapacity(16)
        filled.reserveCapacity(16)
    }

    /// How many recipients the text has.
    var count: Int { syntax == .mailboxes ? mailboxes.count : filled.count }

    /// Where a recipient stands, without blanks around it; a mailbox with its display name.
    subscript(index: Int) -> Range<Int> {
        syntax == .mailboxes ? mailboxes[index].element.range : pieces[filled[index]].content.range
    }

    /// Whether the spelling of the list leaves no doubt about a recipient.
    func isAgreed(_ index: Int) -> Bool { syntax != .mailboxes || mailboxes[index].spelling == .agreed }

    /// Whether recipients and separators alternate, so that another list can line up with this one.
    var isDense: Bool { syntax != .mailboxes && filled.count == pieces.count }

    /// Takes `text` apart.
    /// - Parameter limit: the most recipients it may hold.
    /// - Throws: when parsers would not agree on the recipients.
    /// - Complexity: linear. No allocation once warm.
    mutating func read(_ text: Span<UInt8>, _ syntax: RecipientSpec.ListSyntax, limit: Int) throws(IdentifierProblem) {
        self.syntax = syntax
        pieces.removeAll(keepingCapacity: true)
        filled.removeAll(keepingCapacity: true)
        switch syntax {
        case .mailboxes: try mailboxes.read(text, limit: limit)
        case .one, .mailbox:
            filled.append(0)
            pieces.append(Piece(range: ByteRange(0..<text.count), content: ByteRange(0..<text.count)))
        case .comma: try split(text, at: UInt8(ascii: ","), limit)
        case .lessThan: try split(text, at: UInt8(ascii: "<"), limit)
        case .semicolon: try split(text, at: UInt8(ascii: ";"), limit)
        }
    }

    private mutating func split(_ text: Span<UInt8>, at separator: UInt8, _ limit: Int) throws(IdentifierProblem) {
        var start = 0
        while true {
            var end = start
            while end < text.count, text[end] != separator { end += 1 }
            let content = ASCIIText.trimmingBlanks(text, start..<end)
            if !content.isEmpty {
                guard filled.count < limit else { throw .tooManyMailboxes }
                filled.append(pieces.count)
            }
            pieces.append(Piece(range: ByteRange(start..<end), content: ByteRange(content)))
            // A text of nothing but separators would be as many pieces.
            guard pieces.count <= 2 * limit + 16 else { throw .tooManyMailboxes }
            guard end < text.count else { return }
            start = end + 1
        }
    }

    /// Appends the ranges whose removal takes the recipients `cuts` out of the text, one separator with each.
    /// - Parameters:
    ///   - cuts: indices of recipients in ascending order.
    ///   - text: the text that was read.
    /// - Returns: whether any recipient is left. If none is, what the ranges leave is of no use.
    mutating func appendCuts(_ cuts: [Int], in text: Span<UInt8>, to ranges: inout [ByteRange]) -> Bool {
        guard cuts.count < count else { return false }
        if syntax == .mailboxes { return mailboxes.appendCuts(cuts, in: text, to: &ranges) }
        appendCuts(ofPieces: cuts.map { filled[$0] }, to: &ranges)
        return true
    }

    /// The same by the pieces' own numbers, for a list that lines up with another one. Pieces it does not have are none.
    mutating func appendAlignedCuts(_ cuts: [Int], to ranges: inout [ByteRange]) {
        // One value for all is no list.
        guard pieces.count > 1 else { return }
        appendCuts(ofPieces: cuts.filter { $0 < pieces.count }, to: &ranges)
    }

    private func appendCuts(ofPieces cuts: [Int], to ranges: inout [ByteRange]) {
        var at = 0
        while at < cuts.count {
            let first = cuts[at]
            var last = first
            while at + 1 < cuts.count, cuts[at + 1] == last + 1 {
                at += 1
                last += 1
            }
            at += 1
            if last + 1 < pieces.count {
                // Up to where the next one begins: the blanks that stood before these stay, those before it go.
                ranges.append(ByteRange(start(first)..<start(last + 1)))
            } else {
                ranges.append(ByteRange(Int(first > 0 ? pieces[first - 1].range.upper : 0)..<Int(pieces[last].range.upper)))
            }
        }
    }

    private func start(_ piece: Int) -> Int {
        let piece = pieces[piece]
        return Int(piece.content.lower == piece.content.upper ? piece.range.lower : piece.content.lower)
    }
}
