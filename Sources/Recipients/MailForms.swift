import Bytes

/// The forms of one address that have a key. A suppression is stored under some; a send is looked up under all. A form is
/// visited in two pieces, of which the second may be empty, so that no form has to be copied together.
///
/// | form of `Jo.Doe+news@Googlemail.com` | bytes | stored | looked up |
/// |---|---|---|---|
/// | whole | `jo.doe+news@googlemail.com` | yes | yes |
/// | Gmail's mailbox (policy) | `jodoe@gmail.com` | yes | yes |
/// | base (policy) | `jo.doe@googlemail.com` | no | yes |
struct MailForms {
    typealias Visit = (_ head: Span<UInt8>, _ tail: Span<UInt8>) throws(IdentifierProblem) -> Void

    private let rules: NormalisationRules

    init(rules: NormalisationRules) { self.rules = rules }

    /// Calls `visit` with every form under which an opt-out of `address` is stored.
    func stored(of address: MailAddress, _ visit: Visit) throws(IdentifierProblem) {
        try address.text.withSpan { text throws(IdentifierProblem) in try visit(text, text.extracting(0..<0)) }
        try visitGmail(address, visit)
    }

    /// Calls `visit` with every form under which a send to `address` is looked up.
    func all(of address: MailAddress, _ visit: Visit) throws(IdentifierProblem) {
        try stored(of: address, visit)
        let tag = rules.baseCoversTags ? tagStart(in: address) : nil
        if let tag {
            try address.text.withSpan { text throws(IdentifierProblem) in
                try visit(text.extracting(0..<tag), text.extracting(address.at..<text.count))
            }
        }
        guard !address.otherDomain.isEmpty else { return }
        let domain = [UInt8(ascii: "@")] + address.otherDomain
        try address.text.withSpan { text throws(IdentifierProblem) in
            try visit(text.extracting(0..<address.at), domain.span)
            if let tag { try visit(text.extracting(0..<tag), domain.span) }
        }
    }

    /// Where the first `+` of the local part stands, if anything is left before it.
    private func tagStart(in address: MailAddress) -> Int? {
        for index in 1..<max(address.at, 1) where address.text[index] == UInt8(ascii: "+") { return index }
        return nil
    }

    private func visitGmail(_ address: MailAddress, _ visit: Visit) throws(IdentifierProblem) {
        guard rules.gmailIgnoresDots, hasDomain("gmail.com", address) || hasDomain("googlemail.com", address) else { return }
        var form = InlineText()
        for index in 0..<address.at {
            let byte = address.text[index]
            if byte == UInt8(ascii: "+") { break }
            if byte != UInt8(ascii: ".") { try form.append(byte) }
        }
        if form.isEmpty { return }
        for byte in "@gmail.com".utf8 { try form.append(byte) }
        try form.withSpan { text throws(IdentifierProblem) in try visit(text, text.extracting(0..<0)) }
    }

    private func hasDomain(_ domain: StaticString, _ address: MailAddress) -> Bool {
        let start = address.at + 1
        guard address.text.count - start == domain.utf8CodeUnitCount else { return false }
        for index in 0..<domain.utf8CodeUnitCount where address.text[start + index] != domain.utf8Start[index] {
            return false
        }
        return true
    }
}
