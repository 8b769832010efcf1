/// Characters that a reader of an identifier does not see, or that change the order of what they see.
enum HiddenCharacters {
    /// - Returns: why `scalar` has no place in a recipient, or `nil` when it may stand there.
    static func problem(with scalar: Unicode.Scalar) -> IdentifierProblem? {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return .controlCharacter
        case .format, .surrogate, .privateUse, .unassigned: return .invisibleCharacter
        default: break
        }
        let properties = scalar.properties
        return properties.isDefaultIgnorableCodePoint || properties.isBidiControl ? .invisibleCharacter : nil
    }
}
