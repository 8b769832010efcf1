extension FieldBlock {
    /// How the fields frame an HTTP/1.x body: `nil` when they say nothing (RFC 9112 section 6.3, without its lenient cases).
    func h1Framing(_ version: HTTPVersion) -> Result<BodyFraming?, HTTPFault> {
        if tokens.contains(.transferEncoding) {
            if tokens.contains(.contentLength) { return .failure(.twoFramings) }
            if version == .http10 { return .failure(.transferEncodingInHTTP10) }
            if repeatedTokens.contains(.transferEncoding) { return .failure(.transferEncodingRepeated) }
            guard let value = value(of: .transferEncoding), value.matchesIgnoringCase("chunked") else {
                return .failure(.transferEncoding)
            }
            return .success(.chunked)
        }
        switch announcedLength() {
        case .failure(let fault): return .failure(fault)
        case .success(let length): return .success(length.map { .length($0) })
        }
    }

    /// ``announcedLength()``, or -1 for none and for a bad one, which the rules for heads refuse.
    var announced: Int {
        if case .success(let length?) = announcedLength() { length } else { -1 }
    }

    /// The one Content-Length, if any: 1 to 19 digits and nothing else, at most `Int.max`.
    func announcedLength() -> Result<Int?, HTTPFault> {
        guard let value = value(of: .contentLength) else { return .success(nil) }
        guard !repeatedTokens.contains(.contentLength) else { return .failure(.contentLengthRepeated) }
        guard value.count >= 1, value.count <= 19 else { return .failure(.contentLength) }
        var number: UInt64 = 0      // 19 digits always fit
        for byte in value {
            guard byte.isDigit else { return .failure(.contentLength) }
            number = number &* 10 &+ UInt64(byte &- 0x30)
        }
        guard let length = Int(exactly: number) else { return .failure(.contentLength) }
        return .success(length)
    }

    /// Reads every `Connection` field: sets `keepAlive`, marks the fields it names.
    /// - Parameter protects: whether naming a field that has been or will be judged is refused. So for requests; a response may name
    ///   what it likes (Akamai's edge names `Transfer-Encoding`), since framing is never copied and the rest is only removed.
    /// - Complexity: at most 32 options, each compared with the fields there are.
    mutating func readConnection(_ keepAlive: inout Bool, protects: Bool) -> HTTPFault? {
        var next = firstIndex(of: .connection)
        if let index = next, !repeatedTokens.contains(.connection), value(index).matchesIgnoringCase("keep-alive") {
            keepAlive = true        // what most clients send
            return nil
        }
        var options = 0
        var close = false
        while let index = next {
            let list = value(index)
            var start = 0
            while start <= list.count {
                var end = start
                while end < list.count, list[end] != UInt8(ascii: ",") { end += 1 }
                var lower = start, upper = end
                while lower < upper, list[lower].isBlank { lower += 1 }
                while upper > lower, list[upper - 1].isBlank { upper -= 1 }
                start = end + 1
                if lower == upper { continue }      // empty list elements are legal (RFC 9110 section 5.6.1)
                options += 1
                let option = list.part(lower..<upper)
                guard options <= 32, FieldOctets.isToken(option) else { return .connectionOption }
                if option.matchesIgnoringCase("close") {
                    close = true
                } else if option.matchesIgnoringCase("keep-alive") {
                    keepAlive = true
                } else if protects, Self.isProtected(option) {
                    return .connectionNamesProtected
                } else {
                    for field in 0..<count where name(field).matchesIgnoringCase(option) { nominate(field) }
                }
            }
            next = firstIndex(of: .connection, from: index + 1)
        }
        if close { keepAlive = false }
        return nil
    }

    /// Whether `option` is a name Stopgate acts on, other than those that belong in `Connection`. The field need not be there:
    /// naming it is an attempt all the same.
    private static func isProtected(_ option: UnsafeBufferPointer<UInt8>) -> Bool {
        var number: UInt8 = 0       // `allCases` would make an array
        while let token = HeaderToken(rawValue: number) {
            number += 1
            if token == .other || HeaderTokenSet.connectionOptions.contains(token) { continue }
            let isPrefix = token == .xForwardedOther || token == .stopgateOther
            let length = token.name.utf8CodeUnitCount
            if option.count >= length, isPrefix || option.count == length,
                option.part(0..<length).matchesIgnoringCase(token.name) { return true }
        }
        return false
    }
}
