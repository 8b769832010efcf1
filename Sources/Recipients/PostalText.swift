import Bytes

/// Postal addresses, which people write in many ways: letters without case in their compatibility forms, and one blank for
/// whatever stands between words. `Ann Lee, 1 Main St., 94107-1234` and `ANN LEE 1 MAIN ST 94107` are one text.
///
/// The four digits behind a ZIP code and its hyphen are left out: they tell sides of a street apart, not people, and senders add
/// them when they please.
enum PostalText {
    /// Appends the normal form of `bytes` to `form`.
    /// - Throws: when no letter and no digit is in it, or it is no UTF-8.
    /// - Complexity: linear. Allocates for text outside of ASCII only.
    static func append(_ bytes: Span<UInt8>, to form: inout GrowableBytes) throws(IdentifierProblem) {
        guard bytes.count <= OpaqueIdentifier.limit else { throw .tooLong }
        let start = form.count
        var isASCII = true
        for index in bytes.indices where bytes[index] >= 0x80 { isASCII = false }
        if isASCII {
            appendWords(bytes, to: &form)
        } else {
            guard let folded = UnicodeFolding.caselessForm(of: bytes) else { throw .invalidEncoding }
            appendWords(plain(folded).span, to: &form)
        }
        guard form.count > start else { throw .empty }
    }

    /// Characters that are no part of a word become blanks; invisible ones go.
    private static func plain(_ folded: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        for scalar in String(decoding: folded, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                plain.append(UInt8(truncatingIfNeeded: scalar.value))
            } else if isWord(scalar) {
                plain += UTF8.encode(scalar).map(Array.init) ?? []
            } else if !scalar.properties.isDefaultIgnorableCodePoint, scalar.properties.generalCategory != .format {
                plain.append(scalar.properties.generalCategory == .dashPunctuation ? UInt8(ascii: "-") : UInt8(ascii: " "))
            }
        }
        return plain
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber: return true
        default: return scalar.properties.isAlphabetic
        }
    }

    private static func appendWords(_ text: Span<UInt8>, to form: inout GrowableBytes) {
        var at = 0
        var isFirst = true
        while at < text.count {
            guard isWord(text[at]) else {
                at += 1
                continue
            }
            let start = at
            while at < text.count, isWord(text[at]) { at += 1 }
            if !isFirst { form.append(UInt8(ascii: " ")) }
            isFirst = false
            for index in start..<at { form.append(text[index].asciiLowercased) }
            if isZIP(text, start..<at), let end = endOfPlusFour(text, at) { at = end }
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool { byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80 }

    private static func isZIP(_ text: Span<UInt8>, _ word: Range<Int>) -> Bool {
        guard word.count == 5 else { return false }
        for index in word where !text[index].isASCIIDigit { return false }
        return true
    }

    /// Where the four digits end that follow a ZIP code which ends at `at`; `nil` when there are none.
    private static func endOfPlusFour(_ text: Span<UInt8>, _ at: Int) -> Int? {
        let end = at + 5
        guard end <= text.count, text[at] == UInt8(ascii: "-"), end == text.count || !isWord(text[end]) else { return nil }
        for index in (at + 1)..<end where !text[index].isASCIIDigit { return nil }
        return end
    }
}
