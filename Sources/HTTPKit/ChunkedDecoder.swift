/// Takes the chunked coding (RFC 9112 section 7.1) off a body that arrives piecemeal, without copying.
///
/// Strict: 1 to 8 hexadecimal digits, extensions only as `;token[=token|quoted]`, CRLF everywhere. Extensions and trailers are
/// checked and dropped.
/// - Complexity: each byte is looked at once; no memory beyond the struct.
public struct ChunkedDecoder: Sendable {
    private enum State: Sendable {
        case size, sizeEnd
        case extensionName, extensionValue, extensionToken, quoted, quotedPair, quotedEnd
        case data, dataCR, dataLF
        case trailerStart, trailerName, trailerValue, trailerLF, endLF
        case finished, failed(HTTPFault)
    }

    /// A size line with its extensions, without CRLF.
    public static let lineLimit = 256
    /// All trailer lines with their CRLFs.
    public static let trailerLimit = 4096
    public static let trailerFieldLimit = 16
    /// How far size lines may outweigh the payload: 16 bytes a chunk and twice its payload are free (the rule of Go's net/http,
    /// CVE-2023-39326).
    public static let overheadLimit = 16384

    /// The most payload bytes taken.
    public let limit: Int
    /// Payload bytes yielded so far.
    public private(set) var received = 0

    private var state = State.size
    private var digits = 0
    private var lineCount = 0
    private var remaining = 0
    private var overhead = 0
    private var trailerCount = 0, trailerFields = 0, nameCount = 0

    public init(limit: Int = .max) { self.limit = limit }

    /// Reads on in `input`: the bytes behind those already taken.
    /// Call again with the bytes behind a payload; on ``ChunkStep/needMore`` all of `input` has been taken.
    public mutating func decode(_ input: UnsafeBufferPointer<UInt8>) -> ChunkStep {
        var i = 0
        while true {
            switch state {
            case .failed(let fault): return .failed(fault)
            case .finished: return .done(consumed: i)
            case .data:
                guard i < input.count else { return .needMore }
                let count = min(remaining, input.count &- i)
                remaining &-= count
                received &+= count
                if remaining == 0 { state = .dataCR }
                return .payload(i..<i &+ count)
            default:
                guard i < input.count else { return .needMore }
                if let fault = step(input[i]) { state = .failed(fault) }
                i &+= 1
            }
        }
    }

    /// Takes one octet that is not payload.
    @inline(__always)
    private mutating func step(_ byte: UInt8) -> HTTPFault? {
        switch state {
        case .size, .sizeEnd, .extensionName, .extensionValue, .extensionToken, .quoted, .quotedPair, .quotedEnd:
            return stepSizeLine(byte)
        case .dataCR:
            state = .dataLF
            return byte == 0x0d ? nil : .chunkEnd
        case .dataLF:
            startSizeLine()
            return byte == 0x0a ? nil : .chunkEnd
        default:
            return stepTrailer(byte)
        }
    }

    private mutating func startSizeLine() {
        state = .size
        digits = 0
        lineCount = 0
    }

    private mutating func stepSizeLine(_ byte: UInt8) -> HTTPFault? {
        if case .sizeEnd = state { return byte == 0x0a ? endSizeLine() : .bareCarriageReturn }
        lineCount += 1
        if byte == 0x0a { return .bareLineFeed }
        if byte == 0 { return .controlOctet }
        let isToken = FieldOctets.lowercasedToken[Int(byte)] != 0
        switch state {
        case .size:
            if let digit = byte.hexValue {
                digits += 1
                remaining = digits == 1 ? Int(digit) : remaining << 4 | Int(digit)
                return digits > 8 ? .chunkSize : nil
            }
            return digits == 0 ? .chunkSize : endElement(byte, else: .chunkSize)
        case .extensionName:
            // `nameCount` counts the octets of the token being read.
            if isToken { nameCount += 1; return overlong }
            guard nameCount > 0 else { return .chunkExtension }
            if byte == UInt8(ascii: "=") { state = .extensionValue; return overlong }
            return endElement(byte, else: .chunkExtension)
        case .extensionValue:
            if byte == UInt8(ascii: "\"") { state = .quoted; return overlong }
            state = .extensionToken
            return isToken ? overlong : .chunkExtension
        case .extensionToken:
            return isToken ? overlong : endElement(byte, else: .chunkExtension)
        case .quoted:
            if byte == UInt8(ascii: "\"") { state = .quotedEnd } else if byte == UInt8(ascii: "\\") { state = .quotedPair }
            return Self.isText(byte) ? overlong : byte == 0x0d ? .bareCarriageReturn : .controlOctet
        case .quotedPair:
            state = .quoted
            return Self.isText(byte) ? overlong : .chunkExtension
        default:
            return endElement(byte, else: .chunkExtension)
        }
    }

    private var overlong: HTTPFault? { lineCount > Self.lineLimit ? .chunkLineTooLong : nil }

    /// What may follow the size or an extension: a further extension, or the line's end.
    private mutating func endElement(_ byte: UInt8, else fault: HTTPFault) -> HTTPFault? {
        switch byte {
        case UInt8(ascii: ";"):
            state = .extensionName
            nameCount = 0
            return overlong
        case 0x0d:
            lineCount -= 1
            state = .sizeEnd
            return overlong
        default:
            return fault
        }
    }

    private mutating func endSizeLine() -> HTTPFault? {
        if remaining == 0 {
            state = .trailerStart
            return nil
        }
        guard remaining <= limit &- received else { return .bodyTooLarge }
        overhead = max(0, overhead + lineCount + 2 - 16 - 2 * remaining)
        guard overhead <= Self.overheadLimit else { return .chunkOverhead }
        state = .data
        return nil
    }

    private mutating func stepTrailer(_ byte: UInt8) -> HTTPFault? {
        trailerCount += 1
        if trailerCount > Self.trailerLimit + 2 { return .trailerTooLarge }     // the last CRLF is not counted
        switch state {
        case .trailerStart where byte == 0x0d:
            state = .endLF
        case .trailerStart:
            trailerFields += 1
            guard trailerFields <= Self.trailerFieldLimit else { return .trailerTooLarge }
            state = .trailerName
            return Self.isName(byte) ? nil : byte == 0x0a ? .bareLineFeed : .trailer
        case .trailerName:
            if byte == UInt8(ascii: ":") { state = .trailerValue; return nil }
            return Self.isName(byte) ? nil : .trailer
        case .trailerValue:
            if byte == 0x0d { state = .trailerLF; return nil }
            return Self.isText(byte) ? nil : byte == 0x0a ? .bareLineFeed : .controlOctet
        case .trailerLF:
            state = .trailerStart
            return byte == 0x0a ? nil : .bareCarriageReturn
        default:
            guard byte == 0x0a else { return .bareCarriageReturn }
            state = .finished
        }
        return nil
    }

    private static func isName(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "_") && FieldOctets.lowercasedToken[Int(byte)] != 0
    }

    private static func isText(_ byte: UInt8) -> Bool { byte == 0x09 || (byte >= 0x20 && byte != 0x7f) }
}
