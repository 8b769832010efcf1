/// A piece of a bulk file that begins and ends with a row.
struct ListChunk: Sendable {
    /// Counted from 0.
    let number: Int
    /// The file's line that the chunk begins with, counted from 1.
    let firstLine: Int
    let bytes: [UInt8]
    /// The bytes are the beginning of one line that is too long to be a row.
    let isOverlong: Bool
}
