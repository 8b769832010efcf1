import Adapters
import Bytes
import Recipients

extension Inspector {
    /// Texts in unknown places that read like identifiers, and those that a library has to read, at 25 µs each.
    private static let suspectLimit = 1000
    private static let dearSuspectLimit = 200

    /// Notes every piece of ``text`` that reads like an identifier.
    mutating func addSuspects(_ endpoint: Endpoint, node: Int, item: FormCuts.Item? = nil) throws(Refusal) {
        try addPieces(node: node, item)
        // `"ann"@example.com` is ann@example.com, but quotes also stand around whole addresses.
        if Self.unquote(&text) { try addPieces(node: node, item) }
    }

    /// Takes quotes and backslashes out of `text`, if there is a quoted local part in it.
    private static func unquote(_ text: inout GrowableBytes) -> Bool {
        let bytes = text.withSpan { text -> [UInt8]? in
            for index in text.indices.dropFirst() where text[index] == UInt8(ascii: "@") && text[index - 1] == UInt8(ascii: "\"") {
                return text.indices.compactMap { text[$0] == UInt8(ascii: "\"") || text[$0] == UInt8(ascii: "\\") ? nil : text[$0] }
            }
            return nil
        }
        guard let bytes else { return false }
        text.reset()
        text.append(bytes.span)
        return true
    }

    private mutating func addPieces(node: Int, _ item: FormCuts.Item?) throws(Refusal) {
        var at = 0
        while let (kind, range, next) = Self.nextGuess(text, from: at) {
            at = next
            if let kind { try addSuspect(range, kind, node: node, item) }
        }
    }

    /// Notes what stands at `range` in ``text``, if it reads as an identifier.
    mutating func addSuspect(_ range: Range<Int>, _ kind: IdentifierKind, node: Int, _ item: FormCuts.Item?) throws(Refusal) {
        var isDear = false
        let problem = Self.cover(text, in: range, kind, &normaliser, &candidates, &isDear)
        if isDear { dearSuspects += 1 }
        // What does not read as an identifier is none, and an unusual spelling still has its keys.
        let isRead = problem == nil
        guard problem != .tooManyReadings, dearSuspects <= Self.dearSuspectLimit, !isRead || suspects.count < Self.suspectLimit else {
            detail.append("too many addresses in places the adapter does not know")
            throw .bodyTooComplex
        }
        guard isRead else { return }
        suspects.append(Suspect(keys: keys.count..<(keys.count + candidates.count), node: node, item: item))
        for key in candidates.indices { keys.append(candidates[key]) }
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    private static func cover(
        _ text: borrowing GrowableBytes, in range: Range<Int>, _ kind: IdentifierKind, _ normaliser: inout Normaliser,
        _ candidates: inout CandidateKeys, _ isDear: inout Bool
    ) -> IdentifierProblem? {
        text.withSpan { text in
            do throws(IdentifierProblem) {
                try normaliser.coveringKeys(of: text.extracting(range), kind: kind, into: &candidates, isDear: &isDear)
                return nil
            } catch { return error }
        }
    }

    private static func nextGuess(
        _ text: borrowing GrowableBytes, from start: Int
    ) -> (kind: IdentifierKind?, range: Range<Int>, next: Int)? {
        text.withSpan { text in
            guard let piece = IdentifierShape.nextPiece(text, from: start) else { return nil }
            guard let guess = IdentifierShape.guess(text, piece) else { return (nil, piece, piece.upperBound) }
            return (guess.kind, guess.range, piece.upperBound)
        }
    }
}
