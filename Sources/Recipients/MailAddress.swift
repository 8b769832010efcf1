import Bytes

/// An e-mail address in the form under which it is keyed, built in place: no allocation for ASCII once warm.
struct MailAddress: ~Copyable {
    /// Local part in NFKC without case and, where it must be, in quotes; `@`, domain as A-labels in small letters. At most ``InlineText/limit`` bytes.
    private(set) var text = GrowableBytes(capacity: 512)
    /// Where the `@` stands in ``text``.
    private(set) var at = 0
    /// Where the first `+` of the local part stands in ``text``, if anything is left before it; else 0.
    private(set) var tag = 0
    /// The domain by transitional rules where it is another one, else empty. Slow path only.
    private(set) var otherDomain: [UInt8] = []

    private let usesFastPath: Bool

    /// - Parameter usesFastPath: `false` takes every address apart, for the tests.
    init(usesFastPath: Bool = true) { self.usesFastPath = usesFastPath }

    /// Longest mailbox with its display name: a header line of RFC 5322 holds 998 bytes, folded ones more.
    static let mailboxLimit = 2048

    /// Replaces the address by that of the mailbox in `bytes`.
    mutating func read(_ bytes: Span<UInt8>) throws(IdentifierProblem) -> Spelling {
        text.reset()
        tag = 0
        if !otherDomain.isEmpty { otherDomain = [] }
        guard bytes.count > 0 else { throw .empty }
        guard bytes.count <= Self.mailboxLimit else { throw .tooLong }
        if readWords(bytes) { return .agreed }
        defer { findTag() }
        if readPlain(bytes) { return .agreed }
        let mailbox = try Mailbox(bytes)
        let address = bytes.extracting(mailbox.address)
        if readPlain(address) { return mailbox.spelling }
        return mailbox.spelling.and(try readParts(address))
    }

    private mutating func findTag() {
        tag = 0
        // What stands in quotes has no tag: cut off there, the rest would be no address.
        guard !text.isEmpty, text[0] != UInt8(ascii: "\"") else { return }
        for index in 1..<max(min(at, text.count), 1) where text[index] == UInt8(ascii: "+") {
            tag = index
            return
        }
    }

    // MARK: - The fast path

    /// Takes an address of ASCII letters, digits and atom signs with a plain host name, as nearly all are.
    /// - Returns: `false` when the address is another, or none at all.
    private mutating func readPlain(_ bytes: Span<UInt8>) -> Bool {
        guard usesFastPath, bytes.count <= InlineText.limit else { return false }
        var at = -1
        // A dot may not stand first, last or beside another dot.
        var wasDot = true
        text.reset()
        for index in bytes.indices {
            let byte = bytes[index]
            if byte >= 0x80 { return false }
            if byte == UInt8(ascii: "@") {
                if at >= 0 || wasDot { return false }
                at = index
            } else if at < 0 {
                let isDot = byte == UInt8(ascii: ".")
                guard isDot ? !wasDot : MailSyntax.isAtomText(byte) else { return false }
                // An encoded word is for the slow path to refuse.
                if byte == UInt8(ascii: "?"), index > 0, bytes[index - 1] == UInt8(ascii: "=") { return false }
                wasDot = isDot
            }
            text.append(byte.asciiLowercased)
        }
        guard at > 0, MailDomain.isHostName(bytes.extracting((at + 1)..<bytes.count)) == .plain else { return false }
        self.at = at
        return true
    }

    /// The same for short addresses of letters, digits, `.`, `-`, `_` and `+`, eight bytes at a time. What it leaves may still
    /// be plain.
    private mutating func readWords(_ bytes: Span<UInt8>) -> Bool {
        let count = bytes.count
        guard usesFastPath, count >= 8, count <= 64 else { return false }
        var others: UInt64 = 0
        var isASCII = true
        text.fill(room: 64) { room in
            let room = UnsafeMutableRawPointer(room.baseAddress.unsafelyUnwrapped)
            var offset = 0
            while offset < count {
                // The last word overlaps the one before.
                offset = min(offset, count &- 8)
                let word = ASCIIText.lowercase(bytes.word(at: offset))
                if word & 0x8080_8080_8080_8080 != 0 { isASCII = false }
                room.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
                others |= Self.notAlphanumeric(word) << UInt64(offset)
                offset &+= 8
            }
            return count
        }
        return isASCII && readSigns(at: others)
    }

    /// One bit for each byte that is no digit and no small letter, the first byte's lowest.
    /// - Parameter word: ASCII in lower case.
    @inline(__always)
    private static func notAlphanumeric(_ word: UInt64) -> UInt64 {
        let fromA = word &+ 0x1f1f_1f1f_1f1f_1f1f, aboveZ = word &+ 0x0505_0505_0505_0505
        let from0 = word &+ 0x5050_5050_5050_5050, above9 = word &+ 0x4646_4646_4646_4646
        let others = ~(fromA & ~aboveZ | from0 & ~above9) & 0x8080_8080_8080_8080
        return ((others &>> 7) &* 0x0102_0408_1020_4080) &>> 56
    }

    /// Takes the address in ``text`` by the places of its signs.
    private mutating func readSigns(at places: UInt64) -> Bool {
        var places = places
        var at = 0
        // Of the current atom or label.
        var start = 0
        var dots = 0
        while places != 0 {
            let index = places.trailingZeroBitCount
            places &= places &- 1
            switch text[index] {
            case UInt8(ascii: "."):
                guard index > start else { return false }
                start = index &+ 1
                dots &+= 1
            case UInt8(ascii: "@"):
                guard at == 0, index > start else { return false }
                at = index
                start = index &+ 1
                dots = 0
            case UInt8(ascii: "-"):
                // In a label neither first nor last; two in a row are left to the others.
                guard at == 0 || index > start && index &+ 1 < text.count && places & 1 << UInt64(index &+ 1) == 0 else { return false }
            case UInt8(ascii: "+"):
                guard at == 0 else { return false }
                if tag == 0 { tag = index }
            case UInt8(ascii: "_"): guard at == 0 else { return false }
            default: return false
            }
        }
        guard at > 0, dots > 0, start < text.count, text[text.count &- 1].isASCIILetter else { return false }
        self.at = at
        return true
    }

    // MARK: - The slow path

    private mutating func append(_ byte: UInt8) throws(IdentifierProblem) {
        guard text.count < InlineText.limit else { throw .tooLong }
        text.append(byte)
    }

    private mutating func readParts(_ bytes: Span<UInt8>) throws(IdentifierProblem) -> Spelling {
        guard UTF8Validation.isValid(bytes) else { throw .invalidEncoding }
        let parts = try AddressParts(bytes)
        var spelling = parts.spelling
        text.reset()
        if parts.localIsASCII {
            try appendPlain(local: parts.local)
        } else {
            spelling = spelling.and(try appendInternational(local: parts.local.array))
        }
        at = text.count
        try append(UInt8(ascii: "@"))
        let kind = parts.domain.withSpan { MailDomain.isHostName($0) }
        if parts.domainIsASCII && kind == .plain {
            for index in 0..<parts.domain.count { try append(parts.domain[index].asciiLowercased) }
        } else {
            spelling = spelling.and(try appendInternational(domain: parts.domain.array))
        }
        return spelling
    }

    /// Appends a local part of ASCII; in quotes where it needs them, so that the text reads as this address and no other.
    private mutating func appendPlain(local: InlineText) throws(IdentifierProblem) {
        var needsQuotes = false
        for index in 0..<local.count where !MailSyntax.isAtomText(local[index]) && local[index] != UInt8(ascii: ".") { needsQuotes = true }
        if needsQuotes { try append(UInt8(ascii: "\"")) }
        for index in 0..<local.count {
            if local[index] == UInt8(ascii: "\"") || local[index] == UInt8(ascii: "\\") { try append(UInt8(ascii: "\\")) }
            try append(local[index].asciiLowercased)
        }
        if needsQuotes { try append(UInt8(ascii: "\"")) }
    }

    private mutating func appendInternational(local: [UInt8]) throws(IdentifierProblem) -> Spelling {
        try Self.refuseHidden(in: local)
        guard let folded = UnicodeFolding.caselessForm(of: local.span) else { throw .invalidEncoding }
        for byte in folded where !MailSyntax.isAtomText(byte) && byte != UInt8(ascii: ".") {
            throw MailSyntax.isRoute(byte) ? .percentRouting : byte == UInt8(ascii: "@") ? .severalAtSigns : .badLocalPart
        }
        for byte in folded { try append(byte) }
        // Servers compare composed text or do not; about compatibility forms they differ.
        return UnicodeFolding.compatibilityForm(of: local.span) == local ? .agreed : .unusual
    }

    private mutating func appendInternational(domain: [UInt8]) throws(IdentifierProblem) -> Spelling {
        try Self.refuseHidden(in: domain)
        let normal = try MailDomain.normalForm(of: domain)
        for byte in normal { try append(byte) }
        if let other = MailDomain.transitionalForm(of: domain), other != normal { otherDomain = other }
        let isReadable = MailDomain.readableForm(of: normal) == domain || normal == domain.map(\.asciiLowercased)
        return isReadable && otherDomain.isEmpty ? .agreed : .unusual
    }

    private static func refuseHidden(in bytes: [UInt8]) throws(IdentifierProblem) {
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if let problem = HiddenCharacters.problem(with: scalar) { throw problem }
        }
    }
}
