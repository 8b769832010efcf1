extension RequestHead {
    /// Takes `:method`: a token; CONNECT and TRACE are refused.
    mutating func setMethod(_ value: UnsafeBufferPointer<UInt8>) -> HTTPFault? {
        guard FieldOctets.isToken(value) else { return .method }
        method = HTTPMethod(value)
        if method == .connect { return .connectRefused }
        if method == .trace { return .traceRefused }
        guard let stored = fields.store(value) else { return .fieldsTooLarge }
        methodName = stored
        return nil
    }

    /// Takes `:path`: starts with `/`, visible ASCII, no fragment. `*` is refused.
    mutating func setPath(_ value: UnsafeBufferPointer<UInt8>) -> HTTPFault? {
        guard let base = value.baseAddress, value.first == UInt8(ascii: "/") else { return .target }
        guard value.count <= H1Limits.request.startLine else { return .requestLineTooLong }
        if let fault = FieldOctets.targetFault(base, value.count) { return fault }
        guard let stored = fields.store(value) else { return .fieldsTooLarge }
        path = stored
        return nil
    }

    /// Takes `:authority`: a host with an optional port, no userinfo.
    mutating func setAuthority(_ value: UnsafeBufferPointer<UInt8>) -> HTTPFault? {
        guard let parsed = Authority(value) else { return .hostInvalid }
        guard let stored = fields.store(value) else { return .fieldsTooLarge }
        authority = stored
        hostCount = parsed.hostCount
        return nil
    }

    /// Compares `host` with the `:authority` that named the request; where none did, `host` stands in its place
    /// (RFC 9113 section 8.3.1), as from clients that carry an HTTP/1.1 request over.
    mutating func concludeHost(isNamed: Bool) -> HTTPFault? {
        guard let index = fields.firstIndex(of: .host) else { return .hostMissing }
        guard !fields.repeatedTokens.contains(.host) else { return .hostRepeated }
        let host = fields.value(index)
        if isNamed { return Authority.same(host, fields.bytes(authority)) ? nil : .hostMismatch }
        guard let parsed = Authority(host) else { return .hostInvalid }
        authority = fields[index].value
        hostCount = parsed.hostCount
        return nil
    }
}
