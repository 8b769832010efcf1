import Bytes

/// A phone number in any spelling, folded to digits: Unicode's digits and punctuation, URI prefixes, extensions and letters
/// on a keypad. The slow path; it may allocate.
struct PhoneText {
    /// What the text may say: with letters or a bracketed zero in it, more than one number.
    let alternatives: [DialledDigits]

    /// - Parameter bytes: at most ``byteLimit``.
    init(_ bytes: Span<UInt8>) throws(IdentifierProblem) {
        guard bytes.count <= Self.byteLimit else { throw .tooLong }
        guard UTF8Validation.isValid(bytes) else { throw .invalidEncoding }
        try Self.refuseHidden(in: bytes)
        guard let folded = UnicodeFolding.compatibilityForm(of: bytes) else { throw .invalidEncoding }
        let symbols = try Self.withoutPrefix(Self.symbols(of: folded))
        var found = try Self.alternatives(of: symbols)
        if let zero = PlainPhone.bracketedZero(in: symbols.span) {
            let index = symbols.startIndex + zero
            found += try Self.alternatives(of: symbols[..<index] + symbols[(index + 1)...]).filter { !found.contains($0) }
        }
        alternatives = found
    }

    /// 64 characters of four bytes.
    static let byteLimit = 256
    /// Longest extension: a longer one may be a second number.
    private static let extensionLimit = 6

    // MARK: - Characters

    /// Blanks that libphonenumber drops although they are invisible, and the marks that only set a direction.
    private static func isDroppedMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00ad, 0x200b, 0x2060: true
        default: scalar.properties.isBidiControl
        }
    }

    private static func refuseHidden(in bytes: Span<UInt8>) throws(IdentifierProblem) {
        let text = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        guard text.unicodeScalars.count <= 64 else { throw .tooLong }
        for scalar in text.unicodeScalars where !isDroppedMark(scalar) {
            if let problem = HiddenCharacters.problem(with: scalar) { throw problem }
        }
    }

    /// ASCII for everything a phone number may hold: digits, small letters, a blank for all punctuation between digits, and
    /// the signs that mean something (`+`, `,`, `;`, `#`, `~`, `:`, `=`, `*`, round brackets).
    private static func symbols(of folded: [UInt8]) throws(IdentifierProblem) -> [UInt8] {
        var symbols: [UInt8] = []
        for scalar in String(decoding: folded, as: UTF8.self).unicodeScalars where !isDroppedMark(scalar) {
            switch scalar {
            case "0"..."9", "a"..."z", "+", ",", ";", "#", "~", ":", "=", "*", "(", ")": symbols.append(UInt8(scalar.value))
            case "A"..."Z": symbols.append(UInt8(scalar.value) | 0x20)
            case "[": symbols.append(UInt8(ascii: "("))
            case "]": symbols.append(UInt8(ascii: ")"))
            case " ", "-", ".", "/", "\u{2010}"..."\u{2015}", "\u{2212}", "\u{30fc}":
                symbols.append(UInt8(ascii: " "))
            default:
                guard scalar.properties.generalCategory == .decimalNumber, let digit = scalar.properties.numericValue else {
                    throw .notANumber
                }
                symbols.append(0x30 + UInt8(digit))
            }
        }
        return symbols
    }

    /// Dropped between digits.
    private static func isPunctuation(_ symbol: UInt8) -> Bool {
        symbol == UInt8(ascii: " ") || symbol == UInt8(ascii: "(") || symbol == UInt8(ascii: ")")
    }

    private static func withoutPrefix(_ symbols: [UInt8]) throws(IdentifierProblem) -> ArraySlice<UInt8> {
        let text = symbols.drop(while: isPunctuation)
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return text }
        let scheme = String(decoding: text[..<colon], as: UTF8.self)
        if ["tel", "sms", "whatsapp"].contains(scheme) { return text[(colon + 1)...] }
        // A colon further back may belong to an extension.
        if scheme.utf8.allSatisfy(\.isASCIILetter) { throw .notANumber }
        return text
    }

    // MARK: - Numbers

    private static func alternatives(of symbols: ArraySlice<UInt8>) throws(IdentifierProblem) -> [DialledDigits] {
        let end = try extensionStart(in: symbols)
        var result = [try digits(of: symbols[..<end])]
        // An `x` may begin an extension or be a letter of a vanity number, a `~` may be a mere separator.
        if end < symbols.endIndex, let whole = try? digits(of: symbols[end...].reduce(into: symbols[..<end]) { $0.append($1) }),
            whole != result[0]
        {
            result.append(whole)
        }
        return result
    }

    /// Where the extension starts, or the end of the text. Everything before it has at least 7 digits.
    private static func extensionStart(in symbols: ArraySlice<UInt8>) throws(IdentifierProblem) -> Int {
        var digits = 0
        for index in symbols.indices {
            switch symbols[index] {
            case let byte where byte.isASCIIDigit: digits += 1
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "#"):
                guard digits >= E164.lengths.lowerBound, isExtension(symbols[index...]) else { throw .severalNumbers }
                return index
            case UInt8(ascii: "~") where digits >= E164.lengths.lowerBound && isExtension(symbols[index...]): return index
            case let byte where byte.isASCIILetter && digits >= E164.lengths.lowerBound:
                // A letter before this one would have returned: this is the first after enough digits.
                return isExtension(symbols[index...]) ? index : symbols.endIndex
            default: continue
            }
        }
        return symbols.endIndex
    }

    /// Whether `tail` is a sign or word for an extension and few digits, or digits to dial after a pause.
    private static func isExtension(_ tail: ArraySlice<UInt8>) -> Bool {
        let words = [";ext=", "extension", "extn", "ext", "x", ",", "#", "~"]
        guard let word = words.first(where: { tail.starts(with: $0.utf8) }) else { return false }
        let isPause = word == ","
        var digits = 0
        for byte in tail.dropFirst(word.utf8.count) {
            switch byte {
            case let byte where byte.isASCIIDigit: digits += 1
            case let byte where isPunctuation(byte): continue
            case UInt8(ascii: ":"), UInt8(ascii: "#"): continue
            case UInt8(ascii: ","), UInt8(ascii: "*"): guard isPause else { return false }
            default: return false
            }
        }
        return digits <= extensionLimit && (digits > 0 || isPause || word == "#")
    }

    /// The digits of `symbols`, letters by keypad.
    private static func digits(of symbols: ArraySlice<UInt8>) throws(IdentifierProblem) -> DialledDigits {
        var dialled = DialledDigits()
        var letters = 0
        for byte in symbols {
            switch byte {
            case let byte where byte.isASCIIDigit:
                guard dialled.append(digit: byte &- 0x30) else { throw .tooLong }
            case let byte where isPunctuation(byte) || byte == UInt8(ascii: "~"): continue
            case UInt8(ascii: "+"):
                guard dialled.appendPlus() else { throw .strayPlus }
            case let byte where byte.isASCIILetter:
                letters += 1
                // A vanity number starts with digits; a name does not.
                guard dialled.count >= 3 else { throw .alphanumericSender }
                guard dialled.append(digit: keypadDigit(of: byte)) else { throw .tooLong }
            default: throw .notANumber
            }
        }
        if letters > 0 && dialled.count < E164.lengths.lowerBound { throw .alphanumericSender }
        return dialled
    }

    /// ITU-T E.161: abc 2, def 3, ghi 4, jkl 5, mno 6, pqrs 7, tuv 8, wxyz 9.
    private static func keypadDigit(of letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "a")...UInt8(ascii: "c"): 2
        case UInt8(ascii: "d")...UInt8(ascii: "f"): 3
        case UInt8(ascii: "g")...UInt8(ascii: "i"): 4
        case UInt8(ascii: "j")...UInt8(ascii: "l"): 5
        case UInt8(ascii: "m")...UInt8(ascii: "o"): 6
        case UInt8(ascii: "p")...UInt8(ascii: "s"): 7
        case UInt8(ascii: "t")...UInt8(ascii: "v"): 8
        default: 9
        }
    }
}
