import Bytes

/// A field of a form that holds some of a postal address.
struct FormPart {
    /// An index into ``Adapters/Endpoint/slots``, and one into the slot's parts.
    let slot: Int
    let part: Int
    /// Where its text stands in ``Inspector/formPartTexts``.
    let text: ByteRange
    /// Where it stands in the body or the query.
    let source: RecipientFinding.Source
    let span: ByteRange
}
