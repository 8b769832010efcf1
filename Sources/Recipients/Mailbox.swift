import Bytes

/// Where the address stands in one mailbox of RFC 5322: `b@x.com`, `<b@x.com>`, `B <b@x.com>` or `"B, C" <b@x.com>`.
struct Mailbox {
    /// The bytes of the addr-spec, with whatever blanks and comments stand around it.
    let address: Range<Int>
    let spelling: Spelling

    /// - Throws: unless `bytes` hold exactly one mailbox: groups, lists and source routes are refused.
    init(_ bytes: Span<UInt8>) throws(IdentifierProblem) {
        var opening: Int?
        var closing: Int?
        var spelling = Spelling.agreed
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                guard closing == nil else { throw .unbalancedAngle }
                index = try MailSyntax.skipQuoted(bytes, from: index, to: bytes.count)
                continue
            case UInt8(ascii: "("):
                spelling = .unusual
                index = try MailSyntax.skipComment(bytes, from: index, to: bytes.count)
                continue
            case 0x0d, 0x20, 0x09:
                index = try MailSyntax.skipBlank(bytes, from: index, to: bytes.count)
                continue
            case UInt8(ascii: "<"):
                guard opening == nil else { throw .unbalancedAngle }
                opening = index
            case UInt8(ascii: ">"):
                guard opening != nil, closing == nil else { throw .unbalancedAngle }
                closing = index
            case UInt8(ascii: ","): throw opening != nil && closing == nil ? .sourceRoute : .severalMailboxes
            case UInt8(ascii: ";"): throw .severalMailboxes
            case UInt8(ascii: ":"): throw opening != nil && closing == nil ? .sourceRoute : .groupSyntax
            case let byte where byte.isASCIIControl: throw .controlCharacter
            default: guard closing == nil else { throw .unbalancedAngle }
            }
            index += 1
        }
        if let opening {
            guard let closing else { throw .unbalancedAngle }
            address = (opening + 1)..<closing
            let name = try Self.spelling(ofName: bytes.extracting(0..<opening), address: bytes.extracting(address))
            self.spelling = spelling.and(name)
        } else {
            address = 0..<bytes.count
            self.spelling = spelling
        }
    }

    /// A display name is agreed on when it is words or one quoted string, and nothing in it could be taken for an address,
    /// save the address itself: mail programs write `"b@x.com" <b@x.com>`.
    static func spelling(ofName name: Span<UInt8>, address: Span<UInt8>) throws(IdentifierProblem) -> Spelling {
        guard UTF8Validation.isValid(name) else { throw .invalidEncoding }
        let start = try MailSyntax.skipBlank(name, from: 0, to: name.count)
        if start == name.count { return .agreed }
        var end = name.count
        while end > start, name[end - 1] <= 0x20 { end -= 1 }
        let words = name.extracting(start..<end)
        guard EncodedWords.holdNoAddress(words) else { return .unusual }
        guard words[0] == UInt8(ascii: "\"") else { return holdsOnlyWords(words) ? .agreed : .unusual }
        guard try MailSyntax.skipQuoted(words, from: 0, to: words.count) == words.count else { return .unusual }
        let text = words.extracting(1..<(words.count - 1))
        return holdsNoAddress(text) || isSame(text, address) ? .agreed : .unusual
    }

    private static func holdsOnlyWords(_ words: Span<UInt8>) -> Bool {
        for index in words.indices {
            let byte = words[index]
            let isAllowed = MailSyntax.isAtomText(byte) || MailSyntax.isRoute(byte) || byte == UInt8(ascii: ".")
                || byte.isASCIIBlank || byte == 0x0d || byte == 0x0a
            if !isAllowed { return false }
        }
        return holdsNoAddress(words)
    }

    /// No `@`, no angle bracket, no backslash, also not in the forms that NFKC turns into them.
    private static func holdsNoAddress(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "@"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"): return false
            case 0xef where index + 2 < text.count:
                if MailSyntax.foldsToMark(text[index], text[index + 1], text[index + 2]) { return false }
            default: continue
            }
        }
        return true
    }

    private static func isSame(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        for index in a.indices where a[index].asciiLowercased != b[index].asciiLowercased { return false }
        return true
    }
}
