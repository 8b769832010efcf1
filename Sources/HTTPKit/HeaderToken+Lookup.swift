extension HeaderToken {
    /// Recognises a field name written in lower case.
    /// - Complexity: one switch on the length, one on a distinguishing byte, one comparison.
    public init(lowercased name: UnsafeBufferPointer<UInt8>) {
        guard let base = name.baseAddress else { self = .other; return }
        self.init(lowercased: base, count: name.count)
    }

    @inline(__always)
    init(lowercased p: UnsafePointer<UInt8>, count: Int) {
        let candidate = Self.candidate(p, count)
        if candidate != .other {
            self = candidate
        } else {
            self = Self.prefixed(p, count)
        }
    }

    @inline(__always)
    private static func check(_ p: UnsafePointer<UInt8>, _ text: StaticString, _ token: HeaderToken) -> HeaderToken {
        p.matches(text) ? token : .other
    }

    private static func candidate(_ p: UnsafePointer<UInt8>, _ count: Int) -> HeaderToken {
        switch count {
        case 2: return check(p, "te", .te)
        case 3: return check(p, "via", .via)
        case 4: return p[0] == UInt8(ascii: "h") ? check(p, "host", .host) : check(p, "date", .date)
        case 6:
            switch p[0] {
            case UInt8(ascii: "c"): return check(p, "cookie", .cookie)
            case UInt8(ascii: "e"): return check(p, "expect", .expect)
            case UInt8(ascii: "s"): return check(p, "server", .server)
            case UInt8(ascii: "d"): return check(p, "digest", .digest)
            default: return .other
            }
        case 7:
            switch p[0] {
            case UInt8(ascii: "t"): return check(p, "trailer", .trailer)
            case UInt8(ascii: "u"): return check(p, "upgrade", .upgrade)
            case UInt8(ascii: "a"): return check(p, "alt-svc", .altSvc)
            default: return .other
            }
        case 8: return check(p, "location", .location)
        case 9: return p[0] == UInt8(ascii: "f") ? check(p, "forwarded", .forwarded) : check(p, "x-real-ip", .xRealIP)
        case 10:
            switch p[0] {
            case UInt8(ascii: "u"): return check(p, "user-agent", .userAgent)
            case UInt8(ascii: "c"): return check(p, "connection", .connection)
            case UInt8(ascii: "k"): return check(p, "keep-alive", .keepAlive)
            default: return .other
            }
        case 11: return p[0] == UInt8(ascii: "c") ? check(p, "content-md5", .contentMD5) : check(p, "retry-after", .retryAfter)
        case 12: return p[0] == UInt8(ascii: "c") ? check(p, "content-type", .contentType) : check(p, "x-message-id", .xMessageID)
        case 13:
            switch p[2] {
            case UInt8(ascii: "t"): return check(p, "authorization", .authorization)
            case UInt8(ascii: "h"): return check(p, "x-http-method", .xHTTPMethod)
            case UInt8(ascii: "r"): return check(p, "x-rewrite-url", .xRewriteURL)
            default: return .other
            }
        case 14:
            switch p[8] {
            case UInt8(ascii: "l"): return check(p, "content-length", .contentLength)
            case UInt8(ascii: "d"): return check(p, "content-digest", .contentDigest)
            case UInt8(ascii: "t"): return check(p, "http2-settings", .http2Settings)
            case UInt8(ascii: "a"): return check(p, "x-original-url", .xOriginalURL)
            default: return .other
            }
        case 15:
            switch p[0] {
            case UInt8(ascii: "a"): return check(p, "accept-encoding", .acceptEncoding)
            case UInt8(ascii: "i"): return check(p, "idempotency-key", .idempotencyKey)
            case UInt8(ascii: "x"): return check(p, "x-forwarded-for", .xForwardedFor)
            default: return .other
            }
        case 16:
            switch p[0] {
            case UInt8(ascii: "c"): return check(p, "content-encoding", .contentEncoding)
            case UInt8(ascii: "p"): return check(p, "proxy-connection", .proxyConnection)
            case UInt8(ascii: "x"): return check(p, "x-forwarded-host", .xForwardedHost)
            case UInt8(ascii: "s"): return check(p, "stopgate-program", .stopgateProgram)
            default: return .other
            }
        case 17:
            switch p[2] {
            case UInt8(ascii: "a"): return check(p, "transfer-encoding", .transferEncoding)
            case UInt8(ascii: "f"): return check(p, "x-forwarded-proto", .xForwardedProto)
            case UInt8(ascii: "m"): return check(p, "x-method-override", .xMethodOverride)
            default: return .other
            }
        case 18:
            return p[0] == UInt8(ascii: "x")
                ? check(p, "x-twilio-signature", .xTwilioSignature) : check(p, "proxy-authenticate", .proxyAuthenticate)
        case 19: return check(p, "proxy-authorization", .proxyAuthorization)
        case 22: return check(p, "x-http-method-override", .xHTTPMethodOverride)
        case 24: return check(p, "twilio-client-validation", .twilioClientValidation)
        default: return .other
        }
    }

    /// The two families known by their prefix.
    @inline(__always)
    private static func prefixed(_ p: UnsafePointer<UInt8>, _ count: Int) -> HeaderToken {
        if count >= 9, p[0] == UInt8(ascii: "s"), p.matches("stopgate-") { return .stopgateOther }
        if count >= 12, p[0] == UInt8(ascii: "x"), p.matches("x-forwarded-") { return .xForwardedOther }
        return .other
    }
}
