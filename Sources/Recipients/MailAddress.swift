import Bytes

/// An e-mail address in the form under which it is keyed, built in place: no allocation for ASCII.
struct MailAddress: Sendable {
    /// Local part in NFKC without case, `@`, domain as A-labels in small letters.
    private(set) var text = InlineText()
    /// Where the `@` stands in ``text``.
    private(set) var at = 0
    /// The domain by transitional rules where it is another one, else empty. Slow path only.
    private(set) var otherDomain: [UInt8] = []

    private let usesFastPath: Bool

    /// - Parameter usesFastPath: `false` takes every address apart, for the tests.
    init(usesFastPath: Bool = true) { self.usesFastPath = usesFastPath }

    /// Longest mailbox with its display name: a header line of RFC 5322 holds 998 bytes, folded ones more.
    static let mailboxLimit = 2048

    /// Replaces the address by that of the mailbox in `bytes`.
    mutating func read(_ bytes: Span<UInt8>) throws(IdentifierProblem) -> Spelling {
        text.removeAll()
        if !otherDomain.isEmpty { otherDomain = [] }
        guard bytes.count > 0 else { throw .empty }
        guard bytes.count <= Self.mailboxLimit else { throw .tooLong }
        if readPlain(bytes) { return .agreed }
        let mailbox = try Mailbox(bytes)
        let address = bytes.extracting(mailbox.address)
        if readPlain(address) { return mailbox.spelling }
        return mailbox.spelling.and(try readParts(address))
    }

    // MARK: - The fast path

    /// Takes an address of ASCII letters, digits and atom signs with a plain host name, as nearly all are.
    /// - Returns: `false` when the address is another, or none at all.
    private mutating func readPlain(_ bytes: Span<UInt8>) -> Bool {
        guard usesFastPath, bytes.count <= InlineText.limit else { return false }
        var at = -1
        // A dot may not stand first, last or beside another dot.
        var wasDot = true
        text.removeAll()
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
            guard (try? text.append(byte.asciiLowercased)) != nil else { return false }
        }
        guard at > 0, MailDomain.isHostName(bytes.extracting((at + 1)..<bytes.count)) == .plain else { return false }
        self.at = at
        return true
    }

    // MARK: - The slow path

    private mutating func readParts(_ bytes: Span<UInt8>) throws(IdentifierProblem) -> Spelling {
        guard UTF8Validation.isValid(bytes) else { throw .invalidEncoding }
        let parts = try AddressParts(bytes)
        var spelling = parts.spelling
        text.removeAll()
        if parts.localIsASCII {
            for index in 0..<parts.local.count { try text.append(parts.local[index].asciiLowercased) }
        } else {
            spelling = spelling.and(try appendInternational(local: parts.local.array))
        }
        at = text.count
        try text.append(UInt8(ascii: "@"))
        let kind = parts.domain.withSpan { MailDomain.isHostName($0) }
        if parts.domainIsASCII && kind == .plain {
            for index in 0..<parts.domain.count { try text.append(parts.domain[index].asciiLowercased) }
        } else {
            spelling = spelling.and(try appendInternational(domain: parts.domain.array))
        }
        return spelling
    }

    private mutating func appendInternational(local: [UInt8]) throws(IdentifierProblem) -> Spelling {
        try Self.refuseHidden(in: local)
        guard let folded = UnicodeFolding.caselessForm(of: local.span) else { throw .invalidEncoding }
        for byte in folded where !MailSyntax.isAtomText(byte) && byte != UInt8(ascii: ".") {
            throw MailSyntax.isRoute(byte) ? .percentRouting : byte == UInt8(ascii: "@") ? .severalAtSigns : .badLocalPart
        }
        try text.append(folded.span)
        // Servers compare composed text or do not; about compatibility forms they differ.
        return UnicodeFolding.compatibilityForm(of: local.span) == local ? .agreed : .unusual
    }

    private mutating func appendInternational(domain: [UInt8]) throws(IdentifierProblem) -> Spelling {
        try Self.refuseHidden(in: domain)
        let normal = try MailDomain.normalForm(of: domain)
        try text.append(normal.span)
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
