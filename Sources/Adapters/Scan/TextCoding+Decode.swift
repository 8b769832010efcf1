public import Bytes

extension TextCoding {
    /// Appends what the raw text stands for.
    /// - Precondition: the text is part of a body that was scanned.
    public func append(_ raw: Span<UInt8>, to out: inout GrowableBytes) {
        switch self {
        case .plain: out.append(raw)
        case .form: _ = PercentDecoding.decode(raw, plusIsBlank: true, into: &out)
        case .json: JSONEscapes.append(raw, to: &out)
        case .path: _ = PercentDecoding.decode(raw, plusIsBlank: false, into: &out)
        }
    }
}
