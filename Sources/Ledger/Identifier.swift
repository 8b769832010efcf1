public import Recipients

/// A way to reach a person, in its canonical form: `phone +14155550123`, `email ada@example.com`.
///
/// The ledger compares the value byte by byte; ``IdentifierReader`` makes it: the normal form in which all spellings of one
/// identifier agree (`+52 1 55...` and `+52 55...`), with one key in the index.
public struct Identifier: Hashable, Sendable {
    public let kind: IdentifierKind
    public let value: String

    public init(kind: IdentifierKind, value: String) {
        self.kind = kind
        self.value = value
    }
}

extension Identifier: CustomStringConvertible {
    public var description: String { kind.name + " " + value }
}
