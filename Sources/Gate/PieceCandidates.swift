import Bytes
import Recipients

/// The parts of a piece of text that may be identifiers of their own, besides the one that ``IdentifierShape/guess(_:_:)``
/// takes the piece for: servers split texts at blanks, slashes and ampersands, too, and skip what stands around a number.
///
/// A range may come twice. Every byte is looked at a fixed number of times.
struct PieceCandidates {
    private let piece: Range<Int>
    /// Whether a number may stand between letters: where the text is somebody's id, servers may look for one.
    private let amongLetters: Bool
    private var at: Int
    private var isPastMail = false
    /// The mail candidate that comes next, where one `@` has two.
    private var narrow: Range<Int>?

    init(_ piece: Range<Int>, amongLetters: Bool) {
        self.piece = piece
        self.amongLetters = amongLetters
        at = piece.lowerBound
    }

    /// Shorter runs of digits inside of a text are dates, prices and the like.
    private static let digitLimit = 9

    mutating func next(_ text: Span<UInt8>) -> (kind: IdentifierKind, range: Range<Int>)? {
        if let range = narrow {
            narrow = nil
            return (.email, range)
        }
        if !isPastMail {
            if let range = nextMail(text) { return (.email, range) }
            isPastMail = true
            at = piece.lowerBound
        }
        return nextNumber(text).map { (.phone, $0) }
    }

    /// The word around the next `@`, which no other `@` belongs to.
    private mutating func nextMail(_ text: Span<UInt8>) -> Range<Int>? {
        while at < piece.upperBound {
            guard text[at] == UInt8(ascii: "@") else {
                at += 1
                continue
            }
            var wide = at
            var narrow = -1
            while wide > piece.lowerBound, text[wide - 1] > 0x20, text[wide - 1] != UInt8(ascii: "@") {
                if narrow < 0, Self.endsDomain(text[wide - 1]) { narrow = wide }
                wide -= 1
            }
            var upper = at + 1
            while upper < piece.upperBound, text[upper] > 0x20, text[upper] != UInt8(ascii: "@"), !Self.endsDomain(text[upper]) { upper += 1 }
            let sign = at
            at = upper
            guard upper > sign + 1 else { continue }
            if narrow >= 0, narrow < sign { self.narrow = narrow..<upper }
            if wide < sign { return wide..<upper }
        }
        return nil
    }

    /// What no domain holds. All but the colon and the parentheses may stand in front of the `@`.
    private static func endsDomain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "&"), UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "~"), UInt8(ascii: "*"):
            true
        default: false
        }
    }

    /// The next run of digits and what people write between them; a plus begins another one.
    private mutating func nextNumber(_ text: Span<UInt8>) -> Range<Int>? {
        while at < piece.upperBound {
            guard Self.isDialled(text[at]) || text[at] == UInt8(ascii: "+") else {
                at += 1
                continue
            }
            let start = at
            var digits = text[start].isASCIIDigit ? 1 : 0
            at += 1
            while at < piece.upperBound, Self.isDialled(text[at]) {
                if text[at].isASCIIDigit { digits += 1 }
                at += 1
            }
            guard digits >= Self.digitLimit else { continue }
            let isAlone = !(start > piece.lowerBound && text[start - 1].isASCIILetter) && !(at < piece.upperBound && text[at].isASCIILetter)
            if amongLetters || isAlone { return start..<at }
        }
        return nil
    }

    private static func isDialled(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")")
    }
}
