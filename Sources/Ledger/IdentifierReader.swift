public import Recipients

/// Turns an identifier as somebody spelled it into the canonical one the ledger keeps. The same reader must serve import,
/// intake and the command line, or one person gets two records.
public struct IdentifierReader: Sendable {
    /// Why a text is no identifier, for the person who wrote it. Holds nothing of the text.
    public struct Unreadable: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
        public init(_ cause: String) { description = cause }
    }

    private let reading: @Sendable (IdentifierKind, String) throws(Unreadable) -> Identifier

    public init(_ reading: @escaping @Sendable (IdentifierKind, String) throws(Unreadable) -> Identifier) { self.reading = reading }

    public func read(_ text: String, as kind: IdentifierKind) throws(Unreadable) -> Identifier { try reading(kind, text) }
}
