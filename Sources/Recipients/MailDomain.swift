import Bytes
import CIDN2
import Glibc

/// Domains of e-mail addresses: letters, digits and hyphens in two labels or more, international ones as A-labels.
enum MailDomain {
    /// The form under which a domain is keyed: UTS 46 without transitional mappings, A-labels, small letters, no dot at the
    /// end. Allocates; plain domains do not come here.
    static func normalForm(of domain: [UInt8]) throws(IdentifierProblem) -> [UInt8] {
        guard let ascii = convert(domain, flags: IDN2_NONTRANSITIONAL) else { throw .badDomain }
        return try checked(ascii)
    }

    /// The form by the older, transitional rules, by which `faß.de` is `fass.de`. Some senders' libraries still follow them.
    /// - Returns: `nil` when these rules know no form.
    static func transitionalForm(of domain: [UInt8]) -> [UInt8]? {
        guard let ascii = convert(domain, flags: IDN2_TRANSITIONAL) else { return nil }
        return try? checked(ascii)
    }

    /// The readable form of a domain in A-labels, as it is written by who means exactly this domain.
    static func readableForm(of ascii: [UInt8]) -> [UInt8]? {
        let input = ascii.map { CChar(bitPattern: $0) } + [0]
        var output: UnsafeMutablePointer<CChar>?
        guard idn2_to_unicode_8z8z(input, &output, 0) == CInt(IDN2_OK.rawValue), let output else { return nil }
        defer { idn2_free(output) }
        return Array(UnsafeRawBufferPointer(start: output, count: strlen(output)))
    }

    private static func convert(_ domain: [UInt8], flags: idn2_flags) -> [UInt8]? {
        guard !domain.contains(0) else { return nil }
        var output: UnsafeMutablePointer<UInt8>?
        let options = CInt(bitPattern: (IDN2_NFC_INPUT.rawValue | flags.rawValue))
        guard idn2_lookup_u8(domain + [0], &output, options) == CInt(IDN2_OK.rawValue), let output else { return nil }
        defer { idn2_free(output) }
        let count = strlen(UnsafeRawPointer(output).assumingMemoryBound(to: CChar.self))
        return Array(UnsafeBufferPointer(start: output, count: count))
    }

    private static func checked(_ ascii: [UInt8]) throws(IdentifierProblem) -> [UInt8] {
        var domain = ascii.map(\.asciiLowercased)
        if domain.last == UInt8(ascii: ".") { domain.removeLast() }
        guard isHostName(domain.span) != .no else { throw .badDomain }
        return domain
    }

    enum HostName { case no, plain, international }

    /// Whether `domain` is a host name as the domain name system has them, with two labels or more, and whether libidn2 has
    /// to see it. A dot at the end is not allowed.
    static func isHostName(_ domain: Span<UInt8>) -> HostName {
        guard domain.count <= 253 else { return .no }
        var kind = HostName.plain
        var labels = 0
        var start = 0
        var hasLetter = false
        for index in 0...domain.count {
            if index < domain.count, domain[index] != UInt8(ascii: ".") {
                guard domain[index].isASCIIAlphanumeric || domain[index] == UInt8(ascii: "-") else { return .no }
                if domain[index].isASCIILetter { hasLetter = true }
                continue
            }
            let length = index - start
            guard length > 0, length <= 63, domain[start] != UInt8(ascii: "-"), domain[index - 1] != UInt8(ascii: "-") else {
                return .no
            }
            if length >= 4, domain[start + 2] == UInt8(ascii: "-"), domain[start + 3] == UInt8(ascii: "-") {
                kind = .international
            }
            labels += 1
            // The last label of an IPv4 address has no letter; that of a domain has one.
            if index == domain.count { return labels >= 2 && hasLetter ? kind : .no }
            hasLetter = false
            start = index + 1
        }
        return .no
    }
}
