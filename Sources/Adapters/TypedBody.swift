public import Bytes

/// Something whose body is written in one of several formats, told apart by the Content-Type.
public protocol TypedBody {
    /// The media types its body may have; none when there is no body.
    var bodyTypes: [Endpoint.BodyType] { get }
    /// Whether a request without a body is one to it.
    var takesNoBody: Bool { get }
    /// The format of a body without a Content-Type; `nil` when there has to be one.
    var untypedFormat: EndpointSpec.Format? { get }
}

extension TypedBody {
    /// The format of a body of the media type `name`, which has no parameters; `nil` when it takes none such.
    @inlinable
    public func format(of name: Span<UInt8>) -> EndpointSpec.Format? {
        let types = bodyTypes
        for index in types.indices {
            let known = types[index].name
            if ASCIIText.caselessEqual(name, known.span) { return types[index].format }
        }
        return nil
    }
}
