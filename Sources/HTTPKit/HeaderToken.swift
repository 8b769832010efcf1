/// A field name Stopgate acts on, as a small integer. Every other name is ``other``.
public enum HeaderToken: UInt8, CaseIterable, Sendable {
    case other
    case host, contentLength, contentType, contentEncoding, transferEncoding, connection, expect, te, trailer, upgrade
    case http2Settings, keepAlive, proxyConnection, proxyAuthorization, proxyAuthenticate
    case cookie, authorization, forwarded, xForwardedFor, xForwardedHost, xForwardedProto, xRealIP
    /// Any further `x-forwarded-` name.
    case xForwardedOther
    case xHTTPMethodOverride, xHTTPMethod, xMethodOverride, xOriginalURL, xRewriteURL
    case acceptEncoding, idempotencyKey, userAgent, location, retryAfter, date, server, via, altSvc
    case contentMD5, digest, contentDigest, twilioClientValidation, xTwilioSignature, xMessageID
    case stopgateProgram
    /// Any further `stopgate-` name.
    case stopgateOther

    /// Whether it stands for one name, of which every byte is known.
    @inline(__always) var isWhole: Bool { self != .other && self != .xForwardedOther && self != .stopgateOther }

    /// The name in lower case; the prefix for ``xForwardedOther`` and ``stopgateOther``; empty for ``other``.
    public var name: StaticString {
        switch self {
        case .other: ""
        case .host: "host"
        case .contentLength: "content-length"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .transferEncoding: "transfer-encoding"
        case .connection: "connection"
        case .expect: "expect"
        case .te: "te"
        case .trailer: "trailer"
        case .upgrade: "upgrade"
        case .http2Settings: "http2-settings"
        case .keepAlive: "keep-alive"
        case .proxyConnection: "proxy-connection"
        case .proxyAuthorization: "proxy-authorization"
        case .proxyAuthenticate: "proxy-authenticate"
        case .cookie: "cookie"
        case .authorization: "authorization"
        case .forwarded: "forwarded"
        case .xForwardedFor: "x-forwarded-for"
        case .xForwardedHost: "x-forwarded-host"
        case .xForwardedProto: "x-forwarded-proto"
        case .xRealIP: "x-real-ip"
        case .xForwardedOther: "x-forwarded-"
        case .xHTTPMethodOverride: "x-http-method-override"
        case .xHTTPMethod: "x-http-method"
        case .xMethodOverride: "x-method-override"
        case .xOriginalURL: "x-original-url"
        case .xRewriteURL: "x-rewrite-url"
        case .acceptEncoding: "accept-encoding"
        case .idempotencyKey: "idempotency-key"
        case .userAgent: "user-agent"
        case .location: "location"
        case .retryAfter: "retry-after"
        case .date: "date"
        case .server: "server"
        case .via: "via"
        case .altSvc: "alt-svc"
        case .contentMD5: "content-md5"
        case .digest: "digest"
        case .contentDigest: "content-digest"
        case .twilioClientValidation: "twilio-client-validation"
        case .xTwilioSignature: "x-twilio-signature"
        case .xMessageID: "x-message-id"
        case .stopgateProgram: "stopgate-program"
        case .stopgateOther: "stopgate-"
        }
    }
}
