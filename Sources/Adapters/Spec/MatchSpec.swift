/// Tells calls apart that share method and path: AWS names the operation in a header or a form field.
public struct MatchSpec: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        /// A request header, exactly once. In lower case.
        case header(String)
        /// A form field, exactly once in body and query together.
        case field(String)
        /// What the body says. In doubt it holds. Not of calls that pass.
        case body(BodyMatchSpec)
    }

    public var source: Source
    /// What has to stand there, byte for byte; empty for a body.
    public var value: String

    public init(source: Source, value: String) {
        self.source = source
        self.value = value
    }
}
