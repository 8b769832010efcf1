import CPhoneNumber

/// Google's libphonenumber. A call takes microseconds and allocates: only for what the fast path cannot settle.
enum PhoneNumberLibrary {
    /// How far libphonenumber could follow a number.
    enum Confidence: UInt8, Comparable {
        /// The length is one that numbers of that country have.
        case possible = 2
        /// The number lies in an assigned range.
        case valid = 3

        static func < (a: Confidence, b: Confidence) -> Bool { a.rawValue < b.rawValue }
    }

    struct Reading {
        let number: E164
        let confidence: Confidence
    }

    /// What `number` means written behind a plus: a national prefix that crept in (`+44 0 20 ...`) is gone.
    static func read(international number: E164) -> Reading? {
        var text = InlineArray<16, UInt8>(repeating: 0x2b)
        let digits = number.digits
        for index in 0..<number.count { text[index + 1] = digits[index] }
        let nowhere: InlineArray<3, CChar> = [0x5a, 0x5a, 0]
        return read(text.span.extracting(0..<(number.count + 1)), in: nowhere.span)
    }

    /// What `dialled` means to somebody in `region`.
    /// - Returns: `nil` when it has no meaning there or a length that no number there has.
    static func read(_ dialled: DialledDigits, in region: Region) -> Reading? {
        let digits = dialled.digits
        let letters = region.letters
        return read(digits.span.extracting(0..<dialled.count), in: letters.span)
    }

    /// - Parameter region: two letters and NUL.
    private static func read(_ text: Span<UInt8>, in region: Span<CChar>) -> Reading? {
        let found = text.withUnsafeBufferPointer { text in
            region.withUnsafeBufferPointer { region in
                phone_parse(text.baseAddress, text.count, region.baseAddress)
            }
        }
        return Reading(found)
    }

    /// - Parameter region: two upper-case letters and NUL.
    /// - Returns: 0 when there is no such region.
    static func callingCode(of region: [CChar]) -> Int {
        region.withUnsafeBufferPointer { Int(phone_calling_code($0.baseAddress)) }
    }
}

extension PhoneNumberLibrary.Reading {
    fileprivate init?(_ found: phone_reading) {
        guard let confidence = PhoneNumberLibrary.Confidence(rawValue: found.status) else { return nil }
        let count = Int(found.length)
        guard E164.lengths.contains(count) else { return nil }
        let value = withUnsafeBytes(of: found.digits) { bytes in
            bytes.prefix(count).reduce(UInt64(0)) { $0 * 10 + UInt64($1 &- 0x30) }
        }
        guard let number = E164(value, count: count) else { return nil }
        self.init(number: number, confidence: confidence)
    }
}
