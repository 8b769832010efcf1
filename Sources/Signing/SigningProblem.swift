/// Why keys for signing cannot be used: one sentence for the operator, without any secret.
public struct SigningProblem: Error, Equatable, CustomStringConvertible, Sendable {
    public let description: String

    public init(_ description: String) { self.description = description }
}
