/// Why a message was refused. The raw value is the stable name for metrics and logs.
public enum HTTPFault: String, Error, CaseIterable, Sendable {
    // Start line
    case blankLines = "blank_lines"
    case requestLine = "request_line"
    case requestLineTooLong = "request_line_too_long"
    case method = "method"
    case connectRefused = "connect_refused"
    case traceRefused = "trace_refused"
    case version = "version"
    case target = "target"
    case targetOctet = "target_octet"
    case targetFragment = "target_fragment"
    case statusLine = "status_line"
    case interimResponses = "interim_responses"
    case switchingProtocols = "switching_protocols"
    // Lines
    case bareLineFeed = "bare_line_feed"
    case bareCarriageReturn = "bare_carriage_return"
    case controlOctet = "control_octet"
    case foldedField = "folded_field"
    // Fields
    case fieldName = "field_name"
    case fieldNameUnderscore = "field_name_underscore"
    case fieldNameUppercase = "field_name_uppercase"
    case spaceBeforeColon = "space_before_colon"
    case missingColon = "missing_colon"
    case fieldValueBlanks = "field_value_blanks"
    case fieldLineTooLong = "field_line_too_long"
    case fieldsTooLarge = "fields_too_large"
    case tooManyFields = "too_many_fields"
    // Meaning
    case hostMissing = "host_missing"
    case hostRepeated = "host_repeated"
    case hostInvalid = "host_invalid"
    case hostMismatch = "host_mismatch"
    case contentLength = "content_length"
    case contentLengthRepeated = "content_length_repeated"
    case transferEncoding = "transfer_encoding"
    case transferEncodingRepeated = "transfer_encoding_repeated"
    case transferEncodingInHTTP10 = "transfer_encoding_http10"
    case twoFramings = "two_framings"
    case connectionOption = "connection_option"
    case connectionNamesProtected = "connection_names_protected"
    case expectation = "expectation"
    // Body
    case chunkSize = "chunk_size"
    case chunkLineTooLong = "chunk_line_too_long"
    case chunkExtension = "chunk_extension"
    case chunkEnd = "chunk_end"
    case chunkOverhead = "chunk_overhead"
    case trailer = "trailer"
    case trailerTooLarge = "trailer_too_large"
    case bodyTooLarge = "body_too_large"
    // HTTP/2
    case pseudoField = "pseudo_field"
    case pseudoFieldOrder = "pseudo_field_order"
    case pseudoFieldMissing = "pseudo_field_missing"
    case connectionSpecificField = "connection_specific_field"
    case scheme = "scheme"

    /// The status to answer a request with. In a response from upstream every fault is the provider's: answer 502.
    public var status: Int {
        switch self {
        case .requestLineTooLong: 414
        case .connectRefused: 501
        case .traceRefused: 405
        case .version: 505
        case .fieldLineTooLong, .fieldsTooLarge, .tooManyFields: 431
        case .expectation: 417
        case .bodyTooLarge: 413
        default: 400
        }
    }
}
