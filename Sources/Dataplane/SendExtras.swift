import Adapters
import Audit
import Gate
import Signing

/// What a send of an endpoint with ``EndpointExtras`` keeps beside its ``ScreeningState``. Ordinary sends have none.
final class SendExtras {
    /// How the request's signature stands.
    enum Signature {
        /// There is none, or the endpoint knows none.
        case none
        /// By a key that is not known here: the request goes as it is or not at all.
        case foreign
        case aws(AWSAuthorization, AWSCredential)
        case vonage(VonageAccount, field: [UInt8])
    }

    let rule: EndpointExtras
    var signature = Signature.none
    /// The client's own signature has been found good.
    var isVerified = false
    /// The request reaches the provider otherwise than it was signed, whatever becomes of its body.
    var isMoved = false

    var idempotencyKey: IdempotencyCache.Key?
    /// SHA-256 of the body as the client sent it, content coding taken off.
    var received: AuditDigest?
    /// Set while this send's own decision is the one that is kept.
    var owner: UInt64 = 0
    /// The bytes are those of an earlier decision.
    var isReplayed = false
    /// The decision under the key is made: the bytes may not change any more.
    var isDecided = false

    /// What was taken out, for the answer.
    var results: ResultPlan?

    init(_ rule: EndpointExtras) { self.rule = rule }
}
