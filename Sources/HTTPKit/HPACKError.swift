/// Why a field block cannot be decoded (RFC 7541). Both sides' tables have come apart then: each ends the connection with
/// COMPRESSION_ERROR (RFC 9113 section 4.3).
public enum HPACKError: Error, Equatable, Sendable {
    /// The block ends within a representation.
    case truncated
    /// An integer that is longer than five octets or past 2³² - 1 (section 5.1).
    case integer
    /// Index 0, or one behind both tables (section 2.3.3).
    case index
    /// A string literal of more than ``HPACKDecoder/stringLimit`` octets as they stand in the block.
    case string
    /// A Huffman code that is none: EOS within, or padding that is not the start of EOS or a whole octet of it (section 5.2).
    case huffman
    /// A table size past what our SETTINGS allow, or one announced behind a field (section 4.2).
    case tableSize
}
