public import Recipients

/// Turns an identifier as somebody spelled it into the canonical ones the ledger keeps. The same reader must serve import,
/// intake and the command line, or one person gets two records.
///
/// A canonical identifier has exactly one key in the index (the digest of its ``Identifier/value``), and no other identifier
/// has it: otherwise lifting one suppression could lift another's.
public struct IdentifierReader: Sendable {
    /// Why a text is no identifier, for the person who wrote it. Holds nothing of the text.
    public struct Unreadable: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
        public init(_ cause: String) { description = cause }
    }

    private let reading: @Sendable (String, IdentifierKind?) throws(Unreadable) -> [Identifier]

    public init(_ reading: @escaping @Sendable (_ text: String, _ kind: IdentifierKind?) throws(Unreadable) -> [Identifier]) {
        self.reading = reading
    }

    /// - Parameter kind: `nil` to tell by the text: an e-mail address when there is an `@`, else a phone number.
    /// - Returns: every identifier the text may mean, the likeliest first, never none. Digits without a country code may be
    ///   several numbers; an opt-out covers them all.
    public func read(_ text: String, as kind: IdentifierKind? = nil) throws(Unreadable) -> [Identifier] {
        let identifiers = try reading(text, kind)
        if identifiers.isEmpty { throw Unreadable("it can be read as no identifier") }
        return identifiers
    }
}
