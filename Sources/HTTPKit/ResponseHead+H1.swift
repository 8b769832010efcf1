extension ResponseHead {
    /// Reads `HTTP/1.x SP status [SP reason]`, given without its CRLF. The reason phrase is checked and dropped.
    mutating func readStatusLine(_ line: UnsafeBufferPointer<UInt8>) -> HTTPFault? {
        guard let base = line.baseAddress, line.count >= 12 else { return .statusLine }
        if base.matches("HTTP/1.1") {
            version = .http11
        } else if base.matches("HTTP/1.0") {
            version = .http10
        } else {
            return .version
        }
        guard base[8] == 0x20, base[9].isDigit, base[10].isDigit, base[11].isDigit, line.count == 12 || base[12] == 0x20 else {
            return .statusLine
        }
        status = Int(base[9] &- 0x30) * 100 + Int(base[10] &- 0x30) * 10 + Int(base[11] &- 0x30)
        guard (100...599).contains(status) else { return .statusLine }
        return FieldOctets.valueFault(base + 12, line.count - 12)
    }

    /// Judges the whole head once its last field is in (RFC 9112 section 6.3 and 9.3).
    mutating func conclude(answering method: HTTPMethod) -> HTTPFault? {
        if status == 101 { return .switchingProtocols }
        let found: BodyFraming?
        switch fields.h1Framing(version) {
        case .failure(let fault): return fault
        case .success(let framing): found = framing
        }
        if case .length(let length) = found { contentLength = length }
        keepAlive = version == .http11
        if fields.tokens.contains(.connection), let fault = fields.readConnection(&keepAlive, protects: false) { return fault }
        // A server that announces a body where none may be is likely to send it, and the next response would start inside it.
        let announcesBody = found == .chunked || (contentLength ?? 0) > 0
        if isInterim {
            framing = .none
            if announcesBody { return .interimResponses }
        } else if status == 204 || status == 304 || method == .head {
            framing = .none
            if status == 204, announcesBody { keepAlive = false }
        } else {
            framing = found ?? .untilEnd
            if framing == .untilEnd { keepAlive = false }
        }
        return nil
    }
}
