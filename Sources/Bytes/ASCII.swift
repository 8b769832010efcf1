/// Classes of ASCII bytes. Every answer is `false` for bytes from 0x80 on: those belong to UTF-8 sequences.
extension UInt8 {
    /// `0`-`9`.
    @inlinable public var isASCIIDigit: Bool { self &- 0x30 < 10 }
    /// `A`-`Z` and `a`-`z`.
    @inlinable public var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
    @inlinable public var isASCIIUppercase: Bool { self &- 0x41 < 26 }
    @inlinable public var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILetter }
    /// `0`-`9`, `A`-`F` and `a`-`f`.
    @inlinable public var isASCIIHexDigit: Bool { isASCIIDigit || (self | 0x20) &- 0x61 < 6 }
    /// U+0000 to U+001F and U+007F. Tab, CR and LF are among them.
    @inlinable public var isASCIIControl: Bool { self < 0x20 || self == 0x7f }
    /// Space and tab.
    @inlinable public var isASCIIBlank: Bool { self == 0x20 || self == 0x09 }

    /// The small letter for `A`-`Z`; every other byte as it is.
    @inlinable public var asciiLowercased: UInt8 { isASCIIUppercase ? self | 0x20 : self }

    /// 0 to 15, or `nil` for a byte that is no hexadecimal digit.
    @inlinable public var hexDigitValue: UInt8? {
        if isASCIIDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}
