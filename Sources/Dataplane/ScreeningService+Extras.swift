import Adapters
import Audit
import Bytes
import Gate

extension ScreeningService {
    /// Reads what the endpoint has beyond recipients, when the body is there and decoded: checks the client's signature, finds its
    /// idempotency key.
    /// - Parameter payload: the hash of the body as it came, where that differs from the one that is here.
    /// - Returns: `false` when the request was refused.
    func readExtras(_ x: ExchangePointer, payload: [UInt8]?) -> Bool {
        guard let rule = x.pointee.screening.endpoint?._withUnsafeGuaranteedRef({ $0.extras }) else { return true }
        let extras = SendExtras(rule)
        x.pointee.screening.extras = extras
        guard readSignature(x, extras), verifyAWS(x, extras, payload: payload), verifyVonage(x, extras) else { return false }
        readIdempotencyKey(x, extras)
        return true
    }

    /// Does what a verdict asks for beyond the body, before it is recorded: writes the body anew, notes what the answer will lack,
    /// keeps the decision for retries, signs.
    /// - Returns: `false` when the request has been dealt with otherwise.
    func prepare(_ x: ExchangePointer, _ extras: SendExtras, _ verdict: Verdict) -> Bool {
        if extras.isReplayed {
            decision.set(.cause, "idempotency-key")
            if bodyDigest != .never, let received = extras.received {
                decision.setReceivedBody(received)
                decision.setForwardedBody(hasher.digest(x.pointee.requestBody.pointee.readable.span))
            }
        }
        guard verdict == .allow || verdict == .strip else { return true }
        if verdict == .strip {
            planResults(x, extras)
            rewrite(x)
            if case .vonage = extras.signature {
                scratchDetail.reset(keeping: 64 << 10)
                guard rewritten.withSpan({ appendSigned(x, extras, $0, into: &scratchDetail) }) else { return refused(x, .signatureUnsupported) }
                swap(&rewritten, &scratchDetail)
            }
        }
        let isFree = verdict == .strip
            ? rewritten.withSpan { keepDecision(x, extras, forwarded: $0) } : keepDecision(x, extras, forwarded: nil)
        guard isFree else {
            // Somebody was quicker under the same key: what they decided holds.
            extras.results = nil
            screen(x)
            return false
        }
        let isSigned = verdict == .strip
            ? rewritten.withSpan { signAnew(x, extras, body: $0, isChanged: true) }
            : signAnew(x, extras, body: x.pointee.requestBody.pointee.readable.span, isChanged: extras.isReplayed)
        guard isSigned else { return refused(x, .signatureUnknownKey) }
        if extras.results?.cut.isEmpty == false, !askForIdentity(x) { return refused(x, .headTooLarge) }
        return true
    }

    private func refused(_ x: ExchangePointer, _ refusal: Refusal) -> Bool {
        if let extras = x.pointee.screening.extras { forgetDecision(extras) }
        refuse(x, refusal)
        return false
    }
}
