import Bytes

extension RequestHead {
    /// Reads `METHOD SP target SP HTTP/1.x`, given without its CRLF.
    mutating func readRequestLine(_ line: UnsafeBufferPointer<UInt8>) -> HTTPFault? {
        guard let base = line.baseAddress else { return .requestLine }
        let table = FieldOctets.lowercasedToken
        var n = 0
        while n < line.count, table[Int(base[n])] != 0 { n &+= 1 }
        guard n > 0, n < line.count else { return .requestLine }
        guard base[n] == 0x20 else { return Self.octetFault(base[n]) ?? .method }
        // The shortest rest is " / HTTP/1.1".
        guard line.count >= n + 11, base[line.count - 9] == 0x20 else { return Self.requestLineFault(line, from: n) }
        let versionStart = line.count - 8
        if (base + versionStart).matches("HTTP/1.1") {
            version = .http11
        } else if (base + versionStart).matches("HTTP/1.0") {
            version = .http10
        } else {
            return Self.requestLineFault(line, from: n)
        }
        let name = line.part(0..<n)
        method = HTTPMethod(name)
        if method == .connect { return .connectRefused }
        if method == .trace { return .traceRefused }
        let target = line.part(n + 1..<line.count - 9)
        guard let start = target.baseAddress, !target.isEmpty else { return .requestLine }
        if let fault = FieldOctets.targetFault(start, target.count) { return Self.octetFault(start, target.count) ?? fault }
        guard let name = fields.store(name) else { return .fieldsTooLarge }
        methodName = name
        return readTarget(target)
    }

    /// Origin form is kept; absolute form is split, its authority to be compared with `Host` in ``conclude()``.
    private mutating func readTarget(_ target: UnsafeBufferPointer<UInt8>) -> HTTPFault? {
        if target[0] == UInt8(ascii: "/") {
            guard let stored = fields.store(target) else { return .fieldsTooLarge }
            path = stored
            return nil
        }
        var start = 0
        if target.count > 8, target.part(0..<8).matchesIgnoringCase("https://") {
            scheme = .https
            start = 8
        } else if target.count > 7, target.part(0..<7).matchesIgnoringCase("http://") {
            scheme = .http
            start = 7
        } else {
            return .target      // authority form, asterisk form, another scheme, or a relative path
        }
        var end = start
        while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?") { end += 1 }
        guard Authority(target.part(start..<end)) != nil else { return .target }
        guard let stored = fields.store(target.part(start..<end)) else { return .fieldsTooLarge }
        authority = stored
        let rest = target.part(end..<target.count)
        guard rest.first == UInt8(ascii: "/") else {
            let slash: StaticString = "/"
            guard let first = fields.store(UnsafeBufferPointer(start: slash.utf8Start, count: 1)), let query = fields.store(rest)
            else { return .fieldsTooLarge }
            path = ByteRange(lower: first.lower, upper: query.upper)
            return nil
        }
        guard let stored = fields.store(rest) else { return .fieldsTooLarge }
        path = stored
        return nil
    }

    /// Judges the whole head once its last field is in: host, framing, connection, expectation.
    mutating func conclude() -> HTTPFault? {
        if let fault = concludeHost() { return fault }
        switch fields.h1Framing(version) {
        case .failure(let fault): return fault
        case .success(let found): framing = found ?? .none
        }
        keepAlive = version == .http11
        if fields.tokens.contains(.connection), let fault = fields.readConnection(&keepAlive, protects: true) { return fault }
        if fields.tokens.contains(.expect) {
            guard !fields.repeatedTokens.contains(.expect), let value = fields.value(of: .expect),
                value.matchesIgnoringCase("100-continue")
            else { return .expectation }
            // An HTTP/1.0 client cannot read a 100 (RFC 9110 section 10.1.1); without a body there is nothing to wait for.
            expectsContinue = version == .http11 && framing != .none && framing != .length(0)
        }
        offersUpgrade = fields.tokens.intersects(.upgradeOffers)
        return nil
    }

    private mutating func concludeHost() -> HTTPFault? {
        guard let index = fields.firstIndex(of: .host) else { return .hostMissing }
        guard !fields.repeatedTokens.contains(.host) else { return .hostRepeated }
        let host = fields.value(index)
        guard let parsed = Authority(host) else { return .hostInvalid }
        if scheme != .none, !Authority.same(fields.bytes(authority), host, defaultPort: scheme == .https ? 443 : 80) {
            return .hostMismatch
        }
        authority = fields[index].value
        hostCount = parsed.hostCount
        return nil
    }

    /// The fault of a request line that does not end in a version we speak.
    private static func requestLineFault(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> HTTPFault {
        for byte in line { if let fault = octetFault(byte) { return fault } }
        guard line.count >= start + 11, line[line.count - 9] == 0x20 else { return .requestLine }
        let version = line.part(line.count - 8..<line.count)
        guard version.part(0..<5).elementsEqual("HTTP/".utf8), version[5].isDigit, version[6] == UInt8(ascii: "."), version[7].isDigit
        else { return .requestLine }
        return .version
    }

    private static func octetFault(_ byte: UInt8) -> HTTPFault? {
        byte == 0x0d ? .bareCarriageReturn : byte == 0 ? .controlOctet : nil
    }

    private static func octetFault(_ p: UnsafePointer<UInt8>, _ count: Int) -> HTTPFault? {
        for i in 0..<count { if let fault = octetFault(p[i]) { return fault } }
        return nil
    }
}
