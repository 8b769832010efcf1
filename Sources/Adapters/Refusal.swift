/// Why a request does not go on, apart from suppressions. Each case has one status, one label and one sentence; the
/// provider's dialect is wrapped around them by ``NativeErrors``.
///
/// The client's faults are 4xx but never 408 or 429, because SDKs send those again. 5xx is kept for faults of ours and of
/// the provider.
public enum Refusal: UInt8, Error, CaseIterable, Sendable {
    // Where the request wants to go.
    case badTarget, unknownHost, unmatchedRequest, methodNotAllowed, methodOverride
    // How the body is labelled and coded.
    case contentTypeMissing, contentTypeUnexpected, charsetUnexpected, codingUnexpected, bodyUndecodable, bodyTooLarge
    // What the body says.
    case bodyMalformed, bodyTooComplex, nameRepeated, nameMisspelt
    case recipientMissing, recipientMalformed, recipientMistyped, recipientRepeated, recipientInQuery, recipientsTooMany
    case recipientOpaque, suppressedElsewhere, overrideForbidden, scheduledForbidden, undoForbidden
    // What signs the request.
    case signatureWrong, signatureUnknownKey, signatureUnsupported
    // Ours and the provider's.
    case headMalformed, headTooLarge, suppressionsUnavailable, auditUnavailable, overloaded, draining
    case upstreamUnreachable, upstreamFailed, upstreamTimeout, internalFault
    // What the sender says of the message.
    case programUnknown

    /// The HTTP status of the answer.
    public var status: Int {
        switch self {
        case .unknownHost, .unmatchedRequest: 404
        case .methodNotAllowed: 405
        case .undoForbidden, .signatureWrong, .signatureUnknownKey: 403
        case .contentTypeMissing, .contentTypeUnexpected, .charsetUnexpected, .codingUnexpected: 415
        case .bodyTooLarge, .bodyTooComplex: 413
        case .headTooLarge: 431
        case .suppressionsUnavailable, .auditUnavailable, .overloaded, .draining, .internalFault: 503
        case .upstreamUnreachable, .upstreamFailed: 502
        case .upstreamTimeout: 504
        default: 400
        }
    }

    /// The word for metrics, the audit log and the `codes` of an adapter file. Stored: never rename.
    public var label: StaticString {
        switch self {
        case .badTarget: "bad-target"
        case .unknownHost: "unknown-host"
        case .unmatchedRequest: "unmatched-request"
        case .methodNotAllowed: "method-not-allowed"
        case .methodOverride: "method-override"
        case .contentTypeMissing: "content-type-missing"
        case .contentTypeUnexpected: "content-type-unexpected"
        case .charsetUnexpected: "charset-unexpected"
        case .codingUnexpected: "coding-unexpected"
        case .bodyUndecodable: "body-undecodable"
        case .bodyTooLarge: "body-too-large"
        case .bodyMalformed: "body-malformed"
        case .bodyTooComplex: "body-too-complex"
        case .nameRepeated: "name-repeated"
        case .nameMisspelt: "name-misspelt"
        case .recipientMissing: "recipient-missing"
        case .recipientMalformed: "recipient-malformed"
        case .recipientMistyped: "recipient-mistyped"
        case .recipientRepeated: "recipient-repeated"
        case .recipientInQuery: "recipient-in-query"
        case .recipientsTooMany: "recipients-too-many"
        case .recipientOpaque: "recipient-opaque"
        case .suppressedElsewhere: "suppressed-elsewhere"
        case .overrideForbidden: "override-forbidden"
        case .scheduledForbidden: "scheduled-forbidden"
        case .undoForbidden: "undo-forbidden"
        case .signatureWrong: "signature-wrong"
        case .signatureUnknownKey: "signature-unknown-key"
        case .signatureUnsupported: "signature-unsupported"
        case .headMalformed: "head-malformed"
        case .headTooLarge: "head-too-large"
        case .suppressionsUnavailable: "suppressions-unavailable"
        case .auditUnavailable: "audit-unavailable"
        case .overloaded: "overloaded"
        case .draining: "draining"
        case .upstreamUnreachable: "upstream-unreachable"
        case .upstreamFailed: "upstream-failed"
        case .upstreamTimeout: "upstream-timeout"
        case .internalFault: "internal-fault"
        case .programUnknown: "program-unknown"
        }
    }

    /// What was refused and how to mend it, for the developer who reads the sender's log. Free of quotes and backslashes.
    public var text: StaticString {
        switch self {
        case .badTarget:
            "The path is refused because servers read it differently: write it without empty or dot segments, semicolons, backslashes, non-ASCII or encoded slashes"
        case .unknownHost:
            "No provider is served under this host and path: use a provider's host name, or the path prefix of a provider such as /twilio"
        case .unmatchedRequest:
            "No endpoint of the provider's adapter matches this request, so it may be a send nobody checked"
        case .methodNotAllowed: "This path is a send: only the provider's own method is accepted here"
        case .methodOverride:
            "Overriding the method or the path is not accepted: remove the header or the _method parameter"
        case .contentTypeMissing: "A send needs exactly one Content-Type"
        case .contentTypeUnexpected: "The Content-Type is not the one this endpoint takes"
        case .charsetUnexpected: "The body must be UTF-8: no parameter but charset=utf-8 is accepted in the Content-Type"
        case .codingUnexpected: "Only gzip, or no content coding at all, is accepted"
        case .bodyUndecodable: "The gzip body does not decode cleanly: it must be one complete member and nothing else"
        case .bodyTooLarge: "The body is larger than this endpoint accepts"
        case .bodyMalformed: "The body is not what its Content-Type says"
        case .bodyTooComplex: "The body has more members, depth or text than is accepted"
        case .nameRepeated: "A name occurs twice, and servers disagree on which one counts: send it once"
        case .nameMisspelt:
            "A name differs from a recipient field only in case or form, and servers disagree on what it means: spell it as documented"
        case .recipientMissing: "No recipient was found: a send needs at least one"
        case .recipientMalformed: "A recipient is not an address that can be checked"
        case .recipientMistyped: "A recipient field has another type than the provider documents"
        case .recipientRepeated: "The recipient field occurs more than once: send it once"
        case .recipientInQuery: "Recipients belong in the body of this send, not in the query string"
        case .recipientsTooMany: "The request has more recipients than one request may carry"
        case .recipientOpaque:
            "The recipient is an id that only the provider can resolve, so it cannot be checked; the adapter's policy for such ids is reject"
        case .suppressedElsewhere:
            "A suppressed address stands in a place the adapter does not know: remove it, or declare the place under data in the adapter"
        case .overrideForbidden: "The request asks the provider to ignore its suppressions, and policy forbids that"
        case .scheduledForbidden:
            "The request is for later, and policy forbids that: somebody may opt out before its time comes"
        case .undoForbidden:
            "The call takes back an opt-out at the provider, and policy forbids that: lift the suppression in Stopgate first"
        case .signatureWrong: "The request signature we calculated does not match the signature you provided"
        case .signatureUnknownKey:
            "The request has to be changed on its way and is signed with a key the gate does not hold: give the gate the key under signing in stopgate.yaml"
        case .signatureUnsupported: "The request is signed in a way that cannot be checked here"
        case .headMalformed: "The request line or a header field is malformed"
        case .headTooLarge: "The header fields are larger than is accepted"
        case .suppressionsUnavailable: "The suppressions are not loaded: nothing is sent until they are"
        case .auditUnavailable: "The audit log cannot be written: nothing is sent until it can"
        case .overloaded: "The gate is over its limits: the request was not sent"
        case .draining: "The gate is shutting down: the request was not sent"
        case .upstreamUnreachable: "The provider cannot be reached: the request was not sent"
        case .upstreamFailed: "The connection to the provider failed: the request may have been processed and was not sent again"
        case .upstreamTimeout: "The provider did not answer in time: the request may have been processed and was not sent again"
        case .internalFault: "The gate failed on this request: it was not sent"
        case .programUnknown:
            "The Stopgate-Program field must stand once and name a program that stopgate.yaml lists under programs"
        }
    }
}
