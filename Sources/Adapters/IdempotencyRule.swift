/// Where a request has its idempotency key, compiled from ``IdempotencySpec``.
public enum IdempotencyRule: Sendable {
    /// A request header, in lower case.
    case header([UInt8])
    /// A member of the JSON body.
    case json(BodyPath)
    /// A field of the form body.
    case field([UInt8])

    init(_ spec: IdempotencySpec, _ formats: [EndpointSpec.Format]) throws(AdapterProblem) {
        switch spec {
        case .header(let name): self = .header(RouteBytes.lower(name.utf8))
        case .at(let place):
            switch formats {
            case [.json]:
                let path = try BodyPath(place, path: "at")
                guard path.isSingle else { throw AdapterProblem("at", "an idempotency key stands in one place, not in a list") }
                self = .json(path)
            case [.form]: self = .field(Array(place.utf8))
            default: throw AdapterProblem("at", "an idempotency key in the body needs a body that is one JSON document or one form: name a header")
            }
        }
    }
}
