/// Why the gate cannot start, or a reload cannot be taken: what, where and how to mend it, for the operator.
public struct StartProblem: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
