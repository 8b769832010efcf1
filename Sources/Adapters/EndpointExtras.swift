/// What only some endpoints have beyond their recipients: a signature the gate can make anew, results that line up with the request,
/// idempotency keys. Immutable.
public final class EndpointExtras: Sendable {
    public enum Signature: Sendable, Hashable {
        /// AWS Signature Version 4 for this service.
        case sigv4(service: [UInt8])
        /// Vonage's, in this form field or JSON member.
        case vonage(field: [UInt8])
    }

    public let signature: Signature?
    public let results: ResultsRule?
    public let idempotency: IdempotencyRule?

    /// - Returns: `nil` when the endpoint has none of them, as most.
    init?(_ spec: EndpointSpec) throws(AdapterProblem) {
        switch spec.signature {
        case .sigv4(let service)?: signature = .sigv4(service: Array(service.utf8))
        case .vonage(let field)?: signature = .vonage(field: Array(field.utf8))
        case .header?, nil: signature = nil
        }
        if let results = spec.results {
            guard spec.formats == [.json] else { throw AdapterProblem("results", "only lists of a JSON body have results that line up") }
            do throws(AdapterProblem) { self.results = try ResultsRule(results) } catch { throw error.under("results") }
        } else {
            results = nil
        }
        if let idempotency = spec.idempotency {
            do throws(AdapterProblem) { self.idempotency = try IdempotencyRule(idempotency, spec.formats) } catch { throw error.under("idempotency") }
        } else {
            idempotency = nil
        }
        guard signature != nil || results != nil || idempotency != nil else { return nil }
    }
}
