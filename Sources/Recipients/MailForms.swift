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

    /// Appends the normal form of `address` to `form`: Gmail's mailbox, else the whole. Calls `visit` with every form under
    /// which an opt-out is stored; the last one is the normal form.
    func stored(
        of address: borrowing MailAddress, normalForm form: inout GrowableBytes, _ visit: Visit
    ) throws(IdentifierProblem) {
        let whole = address.text.bytes.span
        try visit(whole, whole.extracting(0..<0))
        let start = form.count
        guard appendMailbox(of: address, to: &form) else { return form.append(whole) }
        let mailbox = form.bytes.span.extracting(start...)
        try visit(mailbox, mailbox.extracting(0..<0))
    }

    /// Appends the normal form of `address` to `form` and calls `visit` with every form under which a send is looked up.
    func all(
        of address: borrowing MailAddress, normalForm form: inout GrowableBytes, _ visit: Visit
    ) throws(IdentifierProblem) {
        try stored(of: address, normalForm: &form, visit)
        let tag = rules.baseCoversTags ? address.tag : 0
        let text = address.text.bytes.span
        if tag > 0 { try visit(text.extracting(0..<tag), text.extracting(address.at..<text.count)) }
        guard !address.otherDomain.isEmpty else { return }
        let domain = [UInt8(ascii: "@")] + address.otherDomain
        try visit(text.extracting(0..<address.at), domain.span)
        if tag > 0 { try visit(text.extracting(0..<tag), domain.span) }
    }

    /// Appends the mailbox that Google delivers to.
    /// - Returns: `false`, with nothing appended, when the address is not Google's or has no other form.
    private func appendMailbox(of address: borrowing MailAddress, to form: inout GrowableBytes) -> Bool {
        guard rules.gmailIgnoresDots, hasDomain("gmail.com", address) || hasDomain("googlemail.com", address) else { return false }
        guard address.text[0] != UInt8(ascii: "\"") else { return false }
        let start = form.count
        for index in 0..<address.at {
            let byte = address.text[index]
            if byte == UInt8(ascii: "+") { break }
            if byte != UInt8(ascii: ".") { form.append(byte) }
        }
        if form.count == start { return false }
        form.append("@gmail.com")
        return true
    }

    private func hasDomain(_ domain: StaticString, _ address: borrowing MailAddress) -> Bool {
        let start = address.at + 1
        guard address.text.count - start == domain.utf8CodeUnitCount else { return false }
        for index in 0..<domain.utf8CodeUnitCount where address.text[start + index] != domain.utf8Start[index] {
            return false
        }
        return true
    }
}
