/// The rules for HTTP/2 messages after HPACK decoding (RFC 9113 sections 8.2 and 8.3; docs/hardening 2.2). nghttp2's own
/// checks are off: each field is looked at once, here. ``H2Session`` and ``H2Upstream`` hold what spans frames: body lengths and
/// trailers.
///
/// Call ``append(name:value:to:)-(_,_,RequestHead)`` for every decoded field in order, then ``finish(_:)-(RequestHead)``. A
/// fault makes the message malformed: RST_STREAM PROTOCOL_ERROR, or the fault's status.
public enum FieldRules {
    private static let method: UInt8 = 1, scheme: UInt8 = 2, path: UInt8 = 4, authority: UInt8 = 8, status: UInt8 = 16
    private static let required = method | scheme | path | authority

    // MARK: Requests

    /// Checks one field and enters it: pseudo-fields into the head, others into its fields.
    /// - Returns: `nil` when it was taken. ``HTTPFault/tooManyFields`` and ``HTTPFault/fieldsTooLarge`` mean 431, not malformed.
    public static func append(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, to head: inout RequestHead
    ) -> HTTPFault? {
        if name.first != UInt8(ascii: ":") { return appendField(name, value, HeaderToken(lowercased: name), to: &head.fields) }
        if head.fields.count > 0 { return .pseudoFieldOrder }
        guard let base = name.baseAddress else { return .fieldName }
        let bit: UInt8
        switch name.count {
        case 5 where base.matches(":path"): bit = path
        case 7 where base.matches(":method"): bit = method
        case 7 where base.matches(":scheme"): bit = scheme
        case 10 where base.matches(":authority"): bit = authority
        default: return .pseudoField
        }
        guard head.pseudoFields & bit == 0 else { return .pseudoField }
        head.pseudoFields |= bit
        head.version = .http2
        switch bit {
        case method: return head.setMethod(value)
        case path: return head.setPath(value)
        case authority: return head.setAuthority(value)
        default:
            guard value.count == 5, let scheme = value.baseAddress, scheme.matches("https") else { return .scheme }
            head.scheme = .https
            return nil
        }
    }

    /// Judges the whole head: pseudo-fields complete, `host` equal to `:authority` or in its place, one plain
    /// `content-length`, no connection-specific field, `te` only `trailers`, `expect` only `100-continue`.
    public static func finish(_ head: inout RequestHead) -> HTTPFault? {
        guard head.pseudoFields | authority == required else { return .pseudoFieldMissing }
        if let fault = checkConnectionSpecific(head.fields, allowsTrailers: true) { return fault }
        if head.fields.tokens.contains(.host) {
            if let fault = head.concludeHost(isNamed: head.pseudoFields == required) { return fault }
        } else if head.pseudoFields != required {
            return .hostMissing
        }
        switch head.fields.announcedLength() {
        case .failure(let fault): return fault
        case .success(let length): head.framing = length.map { .length($0) } ?? .untilEnd
        }
        if let expectation = head.fields.value(of: .expect) {
            guard !head.fields.repeatedTokens.contains(.expect), expectation.matchesIgnoringCase("100-continue") else {
                return .expectation
            }
            head.expectsContinue = head.framing != .length(0)
        }
        head.offersUpgrade = head.fields.tokens.contains(.http2Settings)
        return nil
    }

    // MARK: Responses

    /// Checks one field of an upstream response and enters it.
    @inline(__always)
    static func append(_ field: HPACKField, to head: inout ResponseHead) -> HTTPFault? {
        if field.isSound {
            if head.fields.append(name: field.name, value: field.value, token: field.token) { return nil }
            return full(head.fields)
        }
        return check(field, &head)
    }

    @inline(never)
    private static func check(_ field: HPACKField, _ head: inout ResponseHead) -> HTTPFault? {
        let name = field.name, value = field.value
        guard name.count > 0, name[0] == UInt8(ascii: ":") else {
            return appendField(name, value, field.token, to: &head.fields, isRequest: false)
        }
        if head.fields.count > 0 { return .pseudoFieldOrder }
        guard name.count == 7, name.baseAddress?.matches(":status") == true, head.pseudoFields == 0 else { return .pseudoField }
        guard value.count == 3, value[0].isDigit, value[1].isDigit, value[2].isDigit else { return .statusLine }
        head.pseudoFields = status
        head.version = .http2
        head.status = Int(value[0] &- 0x30) * 100 + Int(value[1] &- 0x30) * 10 + Int(value[2] &- 0x30)
        return (100...599).contains(head.status) ? nil : .statusLine
    }

    /// Judges a whole response head. The session makes the framing ``BodyFraming/none`` when HEADERS ended the stream.
    /// - Parameter method: the method of the request being answered.
    public static func finish(_ head: inout ResponseHead, answering method: HTTPMethod) -> HTTPFault? {
        guard head.pseudoFields == status else { return .pseudoFieldMissing }
        if head.status == 101 { return .switchingProtocols }
        if let fault = checkConnectionSpecific(head.fields, allowsTrailers: false) { return fault }
        switch head.fields.announcedLength() {
        case .failure(let fault): return fault
        case .success(let length):
            // RFC 9110 section 8.6: a 204 has none. Zero does no harm, and goes no further.
            guard head.status != 204 || length ?? 0 == 0 else { return .contentLength }
            head.contentLength = head.status == 204 ? nil : length
        }
        if head.isInterim || head.status == 204 || head.status == 304 || method == .head {
            head.framing = .none
        } else {
            head.framing = head.contentLength.map { .length($0) } ?? .untilEnd
        }
        return nil
    }

    // MARK: Parts

    /// Whether a field of a response keeps the rules for names and values, which ``append(name:value:to:)-(_,_,ResponseHead)`` holds it to.
    /// Never so for pseudo-fields.
    static func isSound(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, token: HeaderToken) -> Bool {
        (token.isWhole || nameFault(name, allowsUnderscore: true) == nil) && valueFault(value) == nil
    }

    /// Checks one trailer field: the rules for names and values, and no pseudo-field. Trailers are dropped, so nothing is kept.
    public static func checkTrailer(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> HTTPFault? {
        name.first == UInt8(ascii: ":") ? .pseudoField : nameFault(name, allowsUnderscore: false) ?? valueFault(value)
    }

    private static func appendField(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ token: HeaderToken, to fields: inout FieldBlock,
        isRequest: Bool = true
    ) -> HTTPFault? {
        guard name.count > 0 else { return .fieldName }
        // A name that is known byte for byte has no bad octet in it.
        if !token.isWhole, let fault = nameFault(name, allowsUnderscore: !isRequest) { return fault }
        if let fault = valueFault(value) { return fault }
        return fields.append(name: name, value: value, token: token) ? nil : full(fields)
    }

    private static func full(_ fields: borrowing FieldBlock) -> HTTPFault {
        fields.count >= fields.fieldLimit ? .tooManyFields : .fieldsTooLarge
    }

    private static func nameFault(_ name: UnsafeBufferPointer<UInt8>, allowsUnderscore: Bool) -> HTTPFault? {
        guard let base = name.baseAddress, name.count > 0 else { return .fieldName }
        if FieldOctets.isPlainLowercaseName(base, name.count) { return nil }
        let table = FieldOctets.lowercasedToken
        for byte in name {
            let lower = table[Int(byte)]
            if lower == byte, byte != UInt8(ascii: "_") || allowsUnderscore, byte != 0 { continue }
            return lower == 0 ? .fieldName : lower == byte ? .fieldNameUnderscore : .fieldNameUppercase
        }
        return nil
    }

    @inline(__always)
    private static func valueFault(_ value: UnsafeBufferPointer<UInt8>) -> HTTPFault? {
        guard let base = value.baseAddress, value.count > 0 else { return nil }
        guard !base[0].isBlank, !base[value.count - 1].isBlank else { return .fieldValueBlanks }
        return FieldOctets.valueFault(base, value.count)
    }

    private static func checkConnectionSpecific(_ fields: borrowing FieldBlock, allowsTrailers: Bool) -> HTTPFault? {
        if fields.tokens.intersects(.connectionSpecific) { return .connectionSpecificField }
        guard let te = fields.value(of: .te) else { return nil }
        let isFine = allowsTrailers && !fields.repeatedTokens.contains(.te) && te.matchesIgnoringCase("trailers")
        return isFine ? nil : .connectionSpecificField
    }
}
