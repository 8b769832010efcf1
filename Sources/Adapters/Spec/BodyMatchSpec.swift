/// What the body of a call has to say for the call to be meant: `PUT /contacts/{id}` undoes an opt-out only where it sets
/// `unsubscribed` to false.
public struct BodyMatchSpec: Sendable, Hashable {
    /// One place and what must stand there.
    public struct Condition: Sendable, Hashable {
        public enum Test: Sendable, Hashable {
            /// Anything but nothing: the place is there, and not null.
            case present
            /// One of these texts, in any case. Whatever is no text, number, `true`, `false` or `null` is taken for one of them.
            case anyOf([String])
            /// Anything but these texts.
            case noneOf([String])
        }

        /// A path in JSON, a field's name in a form.
        public var at: String
        public var test: Test

        public init(at: String, test: Test) {
            self.at = at
            self.test = test
        }
    }

    /// How the body is written: `json`, or `form` and `multipart`.
    public var formats: [EndpointSpec.Format]
    /// The media types of the body, where they are not the format's usual one. In lower case.
    public var contentTypes: [String]
    /// Bytes of decoded body.
    public var bodyLimit: Int
    /// It holds when one of these does.
    public var conditions: [Condition]

    public init(formats: [EndpointSpec.Format] = [.json], contentTypes: [String] = [], bodyLimit: Int = 1 << 20, conditions: [Condition]) {
        self.formats = formats
        self.contentTypes = contentTypes
        self.bodyLimit = bodyLimit
        self.conditions = conditions
    }
}
