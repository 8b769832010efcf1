/// Something that must hold for every input and did not.
public struct Violation: Error, CustomStringConvertible {
    public let description: String
}

/// Throws a ``Violation`` unless `condition` holds.
func require(
    _ condition: Bool, _ rule: @autoclosure () -> String
) throws(Violation) {
    if !condition { throw Violation(description: rule()) }
}
