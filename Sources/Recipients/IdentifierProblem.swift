/// Why bytes are not taken for a recipient. The send is refused; ``message`` is for its sender.
public enum IdentifierProblem: Error, Sendable, Hashable, CaseIterable {
    // Any kind.
    case empty, tooLong, invalidEncoding, controlCharacter, invisibleCharacter, tooManyReadings
    // Phone.
    case notANumber, tooShort, shortCode, alphanumericSender, severalNumbers, strayPlus, noSuchCountryCode, regionUnknown
    // E-mail.
    case noAtSign, severalAtSigns, emptyLocalPart, badLocalPart, badDomain, domainLiteral, percentRouting, sourceRoute
    case groupSyntax, severalMailboxes, unbalancedQuote, unbalancedComment, unbalancedAngle, encodedWord, tooManyMailboxes

    /// What is wrong and how to mend it, in one or two sentences. Holds nothing of the input.
    public var message: StaticString {
        switch self {
        case .empty: "The recipient is empty. Give a phone number, an e-mail address or an id."
        case .tooLong: "The recipient is too long: 15 digits for a phone number, 320 bytes for an e-mail address, 4096 for an id."
        case .invalidEncoding: "The recipient is not valid UTF-8. Send it as UTF-8."
        case .controlCharacter: "The recipient holds a control character such as a line break. Remove it."
        case .invisibleCharacter: "The recipient holds an invisible or direction-changing character. Type it again by hand."
        case .tooManyReadings: "The recipient can be read in too many ways. Write a phone number as + and country code."
        case .notANumber: "The recipient is not a phone number. Write it as + and country code, then digits only."
        case .tooShort: "The phone number is too short: with its country code it has 7 to 15 digits."
        case .shortCode: "The recipient is a short code. Messages go to full phone numbers, written as + and country code."
        case .alphanumericSender: "The recipient is a name in letters. Messages go to phone numbers, written in digits."
        case .severalNumbers: "The recipient holds more than one phone number or parameters. Give one number in each field."
        case .strayPlus: "The phone number has a + in the wrong place. Write one + before the country code."
        case .noSuchCountryCode: "After the + stands a 0, and no country code starts with 0. Write + and country code, then the number."
        case .regionUnknown:
            "The phone number has no country code and fits none of the default regions. Write it as + and country code."
        case .noAtSign: "The e-mail address has no @. Write it as name@example.com."
        case .severalAtSigns: "The e-mail address has more than one @. Give one address in each field."
        case .emptyLocalPart: "The e-mail address has nothing before the @. Write it as name@example.com."
        case .badLocalPart: "The part of the e-mail address before the @ is not valid. Write it without blanks or special characters."
        case .badDomain: "The domain of the e-mail address is not valid. It needs two or more labels of letters, digits and hyphens."
        case .domainLiteral: "The e-mail address has an IP address in brackets for a domain. Use a domain name."
        case .percentRouting: "The e-mail address holds % or !, which some servers take for a route. Use a plain address."
        case .sourceRoute: "The e-mail address starts with a source route. Use a plain address."
        case .groupSyntax: "The recipient is written as a group or a link (with a colon). Give each address by itself."
        case .severalMailboxes: "The recipient holds a comma or semicolon outside of quotes. Give one address in each field."
        case .tooManyMailboxes: "The list holds more e-mail addresses than one request may carry. Split the request."
        case .unbalancedQuote: "A quoted part of the recipient is not closed. Close it with a double quote."
        case .unbalancedComment: "A comment in the recipient is not closed. Close the parenthesis or leave the comment out."
        case .unbalancedAngle: "The angle brackets of the recipient do not match. Write it as Name <name@example.com>."
        case .encodedWord: "The e-mail address itself is an encoded word (=?...?=). Only its display name may be one."
        }
    }
}
