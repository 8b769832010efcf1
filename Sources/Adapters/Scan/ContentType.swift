public import Bytes

/// A Content-Type field value, reduced to what decides how a body is read (hardening.md 2.4).
public struct ContentType: Equatable, Sendable {
    public enum Media: Equatable, Sendable {
        /// `application/json`, any `+json`, and AWS's `application/x-amz-json-1.0` and `-1.1`.
        case json
        /// `application/x-www-form-urlencoded`.
        case form
        /// `multipart/form-data`.
        case multipart
        /// `text/plain` and every other `text/` but XML.
        case text
        /// `application/xml`, `text/xml`, any `+xml`.
        case xml
        case other
    }

    public enum Charset: Equatable, Sendable { case absent, utf8, usASCII }

    public var media: Media
    public var charset: Charset = .absent
    /// The boundary's bytes in the field value, quotes left out; for ``Media/multipart`` always there.
    public var boundary: ByteRange?

    /// Reads one field value.
    /// - Throws: 415 for a malformed value, a charset other than utf-8 and us-ascii, a repeated or unknown parameter, a
    ///   multipart without a boundary of 1 to 70 characters. Offsets are into `value`.
    /// - Complexity: O(value.count). No allocation.
    public static func parse(_ value: Span<UInt8>) throws(BodyFault) -> ContentType {
        var reader = ContentTypeReader(at: 0)
        let type = try reader.mediaType(value)
        var result = ContentType(media: type)
        while let parameter = try reader.parameter(value) {
            let name = value.extracting(parameter.name)
            let text = value.extracting(parameter.value)
            if ASCIIText.caselessEqual(name, "charset".utf8.span) {
                guard result.charset == .absent else { throw BodyFault(.repeatedParameter, at: parameter.name.lowerBound) }
                if ASCIIText.caselessEqual(text, "utf-8".utf8.span) || ASCIIText.caselessEqual(text, "utf8".utf8.span) {
                    result.charset = .utf8
                } else if ASCIIText.caselessEqual(text, "us-ascii".utf8.span) {
                    result.charset = .usASCII
                } else {
                    throw BodyFault(.unsupportedCharset, at: parameter.value.lowerBound)
                }
            } else if type == .multipart && ASCIIText.caselessEqual(name, "boundary".utf8.span) {
                guard result.boundary == nil else { throw BodyFault(.repeatedParameter, at: parameter.name.lowerBound) }
                guard isBoundary(text) else { throw BodyFault(.badBoundary, at: parameter.value.lowerBound) }
                result.boundary = ByteRange(parameter.value)
            } else {
                throw BodyFault(.unsupportedParameter, at: parameter.name.lowerBound)
            }
        }
        if type == .multipart && result.boundary == nil { throw BodyFault(.badBoundary, at: value.count) }
        return result
    }

    /// RFC 2046 section 5.1.1: 1 to 70 of its set, no blank at the end.
    private static func isBoundary(_ text: Span<UInt8>) -> Bool {
        guard text.count >= 1, text.count <= 70, text[text.count - 1] != UInt8(ascii: " ") else { return false }
        for i in text.indices {
            switch text[i] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "'")...UInt8(ascii: ")"),
                UInt8(ascii: "+")...UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "="),
                UInt8(ascii: "?"), UInt8(ascii: " "):
                continue
            default: return false
            }
        }
        return true
    }
}
