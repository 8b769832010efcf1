public import Bytes

/// The name of one decision, shown to clients as `stopgate-audit-id` and repeated by the decision's outcome.
///
/// 100 bits, printed as 20 characters of Crockford's base 32 in lower case: 48 bits name the start of the process, 8 the
/// lane, 44 the record within the lane. It needs no word with the writer, so a worker knows it when it appends.
public struct AuditID: Hashable, Sendable, CustomStringConvertible {
    /// The process start: seconds since 1970 in the upper 32 bits, 16 that keep starts within a second apart. Grows from
    /// one start to the next.
    public let boot: UInt64
    public let lane: UInt8
    /// The decision's place in its lane: ``AuditTicket/number``.
    public let counter: UInt64

    static let length = 20

    init(boot: UInt64, lane: UInt8, counter: UInt64) {
        self.boot = boot & 0xffff_ffff_ffff
        self.lane = lane
        self.counter = counter & 0xfff_ffff_ffff
    }

    /// Reads 20 characters.
    /// - Returns: `nil` for anything that ``text`` does not print.
    public init?(_ text: some StringProtocol) {
        var halves: InlineArray<2, UInt64> = [0, 0]
        var count = 0
        for character in text.utf8 {
            guard count < Self.length, let digit = Base32.value(of: character) else { return nil }
            halves[count / 10] = halves[count / 10] << 5 | UInt64(digit)
            count += 1
        }
        guard count == Self.length else { return nil }
        self.init(
            boot: halves[0] >> 2,
            lane: UInt8(truncatingIfNeeded: (halves[0] & 3) << 6 | halves[1] >> 44),
            counter: halves[1])
    }

    /// The 20 characters, without allocation.
    public var text: InlineArray<20, UInt8> {
        // 100 bits: 40, 40 and 20 of them.
        let upper = boot << 2 | UInt64(lane) >> 6
        let lower = UInt64(lane & 63) << 44 | counter
        let words: (UInt64, UInt64, UInt32) = (
            Base32.digits(upper >> 10).bigEndian, Base32.digits(upper << 30 | lower >> 20).bigEndian,
            UInt32(truncatingIfNeeded: Base32.digits(lower)).bigEndian)
        var text: InlineArray<20, UInt8> = .init(repeating: 0)
        var span = text.mutableSpan
        span.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: words.0, as: UInt64.self)
            bytes.storeBytes(of: words.1, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: words.2, toByteOffset: 16, as: UInt32.self)
        }
        return text
    }

    /// Writes ``text`` to the end of `bytes`, without allocation while `bytes` has room.
    public func append(to bytes: inout GrowableBytes) {
        let text = text
        bytes.append(text.span)
    }

    public var description: String {
        let text = text
        return String(decoding: (0..<Self.length).map { text[$0] }, as: UTF8.self)
    }
}
