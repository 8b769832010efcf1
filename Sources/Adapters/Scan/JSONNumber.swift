/// The number grammar of RFC 8259 section 6, with the values that no common parser keeps refused: integers beyond 64 bits
/// and magnitudes beyond a double.
enum JSONNumber {
    /// Reads the number at `start`.
    /// - Returns: where it ends, and whether it is digits alone.
    static func read(
        _ body: Span<UInt8>, _ start: Int, _ limit: Int
    ) throws(BodyFault) -> (end: Int, isPlainInteger: Bool) {
        var i = start
        let isNegative = body[i] == UInt8(ascii: "-")
        if isNegative { i += 1 }
        let firstDigit = i
        i = skipDigits(body, i)
        guard i > firstDigit else { throw fault(body, i) }
        let integerDigits = i - firstDigit
        let isZero = body[firstDigit] == UInt8(ascii: "0")
        if isZero && integerDigits > 1 { throw BodyFault(.badNumber, at: firstDigit) }
        var isInteger = true
        /// The power of ten of the first digit that is not zero; `nil` while all digits are zero.
        var magnitude: Int? = isZero ? nil : integerDigits - 1
        if i < body.count && body[i] == UInt8(ascii: ".") {
            isInteger = false
            let point = i
            i = skipDigits(body, point + 1)
            guard i > point + 1 else { throw fault(body, i) }
            if magnitude == nil {
                var digit = point + 1
                while digit < i && body[digit] == UInt8(ascii: "0") { digit += 1 }
                if digit < i { magnitude = point - digit }
            }
        }
        if i < body.count && (body[i] | 0x20) == UInt8(ascii: "e") {
            isInteger = false
            i += 1
            var sign = 1
            if i < body.count && (body[i] == UInt8(ascii: "+") || body[i] == UInt8(ascii: "-")) {
                sign = body[i] == UInt8(ascii: "-") ? -1 : 1
                i += 1
            }
            let first = i
            i = skipDigits(body, i)
            guard i > first else { throw fault(body, i) }
            var exponent = 0
            for digit in first..<i where exponent < 1_000_000 { exponent = exponent * 10 + Int(body[digit] & 15) }
            if let known = magnitude { magnitude = known + sign * exponent }
        }
        guard i - start <= limit else { throw BodyFault(.numberTooLong, at: start) }
        if isInteger {
            guard integerDigits < 20 || fitsUInt64(body, firstDigit, integerDigits) else {
                throw BodyFault(.numberOutOfRange, at: start)
            }
        } else if let magnitude, magnitude > 307 || magnitude < -307 {
            throw BodyFault(.numberOutOfRange, at: start)
        }
        return (i, isInteger && !isNegative)
    }

    private static func fitsUInt64(_ body: Span<UInt8>, _ start: Int, _ count: Int) -> Bool {
        guard count <= 20 else { return false }
        var value: UInt64 = 0
        for i in start..<start + count {
            let (high, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = high.addingReportingOverflow(UInt64(body[i] & 15))
            if overflow || carry { return false }
            value = sum
        }
        return true
    }

    @inline(__always)
    private static func skipDigits(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i < body.count && body[i] &- 0x30 < 10 { i += 1 }
        return i
    }

    /// A digit is missing at `i`.
    private static func fault(_ body: Span<UInt8>, _ i: Int) -> BodyFault {
        BodyFault(i < body.count ? .badNumber : .truncated, at: i)
    }
}
