import Adapters
import Recipients

/// Why a text inside of a field cannot be read.
enum NestedFault: Error, Equatable {
    /// The document or message in it breaks a rule of the scanners. The offset is into the decoded text.
    case body(BodyFault)
    /// It is not base 64 in its one canonical spelling.
    case base64
    /// A list of addresses in it is not one.
    case identifier(IdentifierProblem)
    /// A header, or the spelling of an address in one, that parsers read in different ways.
    case unusual
    /// What stands on the way to the recipients has another type than the adapter says.
    case mistyped
    /// A member on the way is spelt otherwise.
    case misspelt
}
