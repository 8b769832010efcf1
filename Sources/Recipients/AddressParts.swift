import Bytes

/// An addr-spec taken apart: local part and domain without quotes, comments and folding blanks, otherwise as written.
struct AddressParts {
    private(set) var local = InlineText()
    private(set) var domain = InlineText()
    private(set) var spelling = Spelling.agreed
    /// Whether a byte outside of ASCII stands in the part.
    private(set) var localIsASCII = true
    private(set) var domainIsASCII = true

    private enum Last { case start, atom, quoted, dot }

    /// - Parameter bytes: an addr-spec of RFC 5322, obsolete blanks and comments included.
    init(_ bytes: Span<UInt8>) throws(IdentifierProblem) {
        var index = try parseLocal(bytes)
        index = try parseDomain(bytes, from: index + 1)
        if local.isEmpty { throw .emptyLocalPart }
        try refuseEncodedWord()
    }

    /// - Returns: the index of the `@`.
    private mutating func parseLocal(_ bytes: Span<UInt8>) throws(IdentifierProblem) -> Int {
        var last = Last.start
        var isSpaced = false
        // Blanks around the whole address are common and read alike; inside of it they are not.
        var index = try MailSyntax.skipBlank(bytes, from: 0, to: bytes.count)
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "@"):
                if last == .start { throw isFollowedByRoute(bytes, index) ? .sourceRoute : .emptyLocalPart }
                if last == .dot || isSpaced { spelling = .unusual }
                return index
            case UInt8(ascii: "\""):
                if last == .atom || last == .quoted { throw .badLocalPart }
                spelling = .unusual
                index = try appendQuoted(bytes, from: index)
                last = .quoted
                isSpaced = false
                continue
            case UInt8(ascii: "("):
                spelling = .unusual
                index = try MailSyntax.skipComment(bytes, from: index, to: bytes.count)
                isSpaced = true
                continue
            case UInt8(ascii: "."):
                if last == .start || last == .dot { spelling = .unusual }
                try local.append(byte)
                last = .dot
            case let byte where MailSyntax.isRoute(byte): throw .percentRouting
            case let byte where MailSyntax.isAtomText(byte):
                if last == .quoted || isSpaced && last == .atom { throw .badLocalPart }
                if byte >= 0x80 { localIsASCII = false }
                try local.append(byte)
                last = .atom
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\\"): throw .badLocalPart
            default:
                let next = try MailSyntax.skipBlank(bytes, from: index, to: bytes.count)
                guard next > index else { throw .badLocalPart }
                spelling = .unusual
                isSpaced = true
                index = next
                continue
            }
            isSpaced = false
            index += 1
        }
        throw .noAtSign
    }

    private mutating func appendQuoted(_ bytes: Span<UInt8>, from index: Int) throws(IdentifierProblem) -> Int {
        let end = try MailSyntax.skipQuoted(bytes, from: index, to: bytes.count)
        var index = index + 1
        while index < end - 1 {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            let byte = bytes[index]
            if MailSyntax.isRoute(byte) { throw .percentRouting }
            // Folds inside of quotes are not part of the text; their blanks are.
            if byte.isASCIIControl { throw .controlCharacter }
            if byte >= 0x80 { localIsASCII = false }
            try local.append(byte)
            index += 1
        }
        return end
    }

    private func isFollowedByRoute(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
        for later in (index + 1)..<max(bytes.count, index + 1) where bytes[later] == UInt8(ascii: "@") { return true }
        return false
    }

    private mutating func parseDomain(_ bytes: Span<UInt8>, from start: Int) throws(IdentifierProblem) -> Int {
        var index = start
        var isSpaced = false
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "@"): throw .severalAtSigns
            case UInt8(ascii: "["): throw .domainLiteral
            case UInt8(ascii: "("):
                spelling = .unusual
                index = try MailSyntax.skipComment(bytes, from: index, to: bytes.count)
                isSpaced = true
                continue
            case let byte where MailSyntax.isRoute(byte): throw .percentRouting
            case let byte where byte.isASCIIAlphanumeric || byte >= 0x80 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "."):
                // Two words with only a blank between them are no domain.
                if isSpaced, !domain.isEmpty, byte != UInt8(ascii: "."), domain[domain.count - 1] != UInt8(ascii: ".") {
                    throw .badDomain
                }
                if isSpaced { spelling = .unusual }
                if byte >= 0x80 { domainIsASCII = false }
                try domain.append(byte)
                isSpaced = false
            default:
                let next = try MailSyntax.skipBlank(bytes, from: index, to: bytes.count)
                guard next > index else { throw .badDomain }
                isSpaced = true
                index = next
                continue
            }
            index += 1
        }
        if domain.isEmpty { throw .badDomain }
        return index
    }

    private func refuseEncodedWord() throws(IdentifierProblem) {
        guard local.count >= 2 else { return }
        for index in 0..<(local.count - 1) where local[index] == UInt8(ascii: "=") && local[index + 1] == UInt8(ascii: "?") {
            throw .encodedWord
        }
    }
}
