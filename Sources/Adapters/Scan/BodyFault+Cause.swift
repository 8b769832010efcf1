extension BodyFault {
    /// The rule that was broken.
    public enum Cause: UInt8, CaseIterable, Sendable {
        // JSON
        case emptyBody, byteOrderMark, unexpectedByte, truncated, trailingBytes
        case invalidUTF8, controlInString, badEscape, loneSurrogate
        case badNumber, numberTooLong, numberOutOfRange
        case controlInKey, duplicateKey
        case tooDeep, tooManyElements, stringTooLong, keyTooLong, tooManyFoldedKeys, bodyTooLong
        // Forms
        case badPercentEscape, nul, controlInName, semicolon
        case tooManyFields, nameTooLong, valueTooLong
        // multipart/form-data
        case badDelimiter, strayBoundary, badPartHead, badPartName, partNested, partEncoded, partHeadTooLong, tooManyParts
        // MIME messages
        case badHeaderLine, badHeaderName, mixedLineEnds, headerRepeated, headerLineTooLong, headTooLong, tooManyHeaders, controlInHeader, headerForbidden
        // Content-Type
        case badContentType, unsupportedCharset, unsupportedParameter, repeatedParameter, badBoundary
        // gzip
        case gzipCorrupt, gzipTruncated, gzipTrailingBytes, gzipTooLong, gzipRatio

        public var status: Int {
            switch self {
            case .tooDeep, .tooManyElements, .stringTooLong, .keyTooLong, .tooManyFoldedKeys, .bodyTooLong, .numberTooLong,
                .tooManyFields, .tooManyParts, .partHeadTooLong, .headTooLong, .tooManyHeaders, .headerLineTooLong, .nameTooLong, .valueTooLong, .gzipTooLong, .gzipRatio:
                413
            case .badContentType, .unsupportedCharset, .unsupportedParameter, .repeatedParameter, .badBoundary:
                415
            default:
                400
            }
        }

        /// What is wrong and how to mend it, without a full stop.
        public var sentence: StaticString {
            switch self {
            case .emptyBody: "The body is empty: send one JSON value"
            case .byteOrderMark: "The body begins with a byte order mark: send UTF-8 without one"
            case .unexpectedByte: "This byte cannot stand here in JSON (RFC 8259)"
            case .truncated: "The JSON value ends too early: send it whole"
            case .trailingBytes: "Bytes follow the JSON value: send exactly one value"
            case .invalidUTF8: "The bytes are not UTF-8: encode the text as UTF-8"
            case .controlInString: "A string holds a raw control character: escape it"
            case .badEscape: "A string holds an escape that JSON does not know"
            case .loneSurrogate: "A string holds half of a surrogate pair: escape both halves or send UTF-8"
            case .badNumber: "The number is not written as JSON asks: no leading zero, plus sign, hexadecimal or bare point"
            case .numberTooLong: "The number has too many characters: send it as a string"
            case .numberOutOfRange: "The number does not fit 64 bits or a double: send it as a string"
            case .controlInKey: "A key holds a control character: remove it"
            case .duplicateKey: "A key repeats in its object, ignoring case, compatibility forms, blanks and invisible characters: keep one"
            case .tooDeep: "Objects and arrays are nested too deeply"
            case .tooManyElements: "The body has too many members and items: split the request"
            case .stringTooLong: "A string is too long"
            case .keyTooLong: "A key is too long"
            case .tooManyFoldedKeys: "The body has too many keys with escapes or characters outside of ASCII"
            case .bodyTooLong: "The body is too long"
            case .badPercentEscape: "A percent sign is not followed by two hexadecimal digits: write %25 for the sign itself"
            case .nul: "A form field holds a NUL character: remove it"
            case .controlInName: "A form field's name holds a control character: remove it"
            case .semicolon: "A semicolon can be read as a separator here: write %3B"
            case .tooManyFields: "The form has too many fields: split the request"
            case .nameTooLong: "A form field's name is too long"
            case .valueTooLong: "A form field's value is too long"
            case .badDelimiter:
                "The multipart body must begin with its boundary, end with it, have CRLF at each line's end and nothing around it (RFC 2046)"
            case .strayBoundary: "The boundary stands inside a part, where some parsers would end it: choose another boundary"
            case .badPartHead: "A part's head must have one Content-Disposition: form-data with a name, at most a Content-Type, and CRLF line ends"
            case .badPartName: "A part's name or filename is not plain text in quotes: leave out escapes, quotes, backslashes and encoded words"
            case .partNested: "A part is a multipart itself: send each file in a part of its own"
            case .partEncoded: "A part has a transfer encoding other than 7bit, 8bit and binary: send it plain"
            case .partHeadTooLong: "A part's head is too long"
            case .tooManyParts: "The multipart body has too many parts: split the request"
            case .badHeaderLine: "A line of the message's head is no header field and no fold of one (RFC 5322)"
            case .badHeaderName: "A header's name is not letters, digits and hyphens with a colon right behind"
            case .mixedLineEnds: "The message's lines end in CRLF at one place and in a bare CR or LF at another: use CRLF"
            case .headerRepeated: "The message has this header more than once, and servers disagree on which one counts: keep one"
            case .headerLineTooLong: "A line of the message's head has more than 998 bytes: fold it"
            case .headTooLong: "The message's head is too long"
            case .tooManyHeaders: "The message's head has too many header fields"
            case .headerForbidden: "Only some servers send to the addresses in this header: use To, Cc or Bcc"
            case .controlInHeader: "The message's head holds a control character: remove it"
            case .badContentType: "The Content-Type is not a media type (RFC 9110 section 8.3)"
            case .unsupportedCharset: "The Content-Type names a charset other than utf-8 or us-ascii: send UTF-8"
            case .unsupportedParameter: "The Content-Type has a parameter other than charset and, for multipart, boundary: remove it"
            case .repeatedParameter: "The Content-Type repeats a parameter: keep one"
            case .badBoundary: "The multipart boundary is missing or is not 1 to 70 characters of RFC 2046"
            case .gzipCorrupt: "The gzip body is damaged or is not gzip"
            case .gzipTruncated: "The gzip body ends too early: send it whole"
            case .gzipTrailingBytes: "Bytes follow the gzip member: send exactly one member"
            case .gzipTooLong: "The gzip body decodes to more than the limit"
            case .gzipRatio: "The gzip body decodes to more than 100 times its size: send it uncompressed"
            }
        }
    }
}
