/// A set of ``HeaderToken``s in one word.
public struct HeaderTokenSet: Hashable, Sendable, ExpressibleByArrayLiteral {
    @usableFromInline var bits: UInt64 = 0

    @inlinable public init() {}

    public init(arrayLiteral tokens: HeaderToken...) {
        for token in tokens { insert(token) }
    }

    @inlinable @inline(__always) public func contains(_ token: HeaderToken) -> Bool { bits &>> UInt64(truncatingIfNeeded: token.rawValue) & 1 != 0 }
    @inlinable @inline(__always) public mutating func insert(_ token: HeaderToken) { bits |= 1 &<< UInt64(truncatingIfNeeded: token.rawValue) }
    /// Inserts without a branch.
    @inline(__always) mutating func insert(_ token: HeaderToken, if condition: Bool) {
        bits |= (condition ? 1 : 0) &<< UInt64(truncatingIfNeeded: token.rawValue)
    }

    @inlinable public func union(_ other: Self) -> Self {
        var both = self
        both.bits |= other.bits
        return both
    }

    @inlinable @inline(__always) public func intersects(_ other: Self) -> Bool { bits & other.bits != 0 }

    /// Fields that belong to one connection and are never passed on (RFC 9110 section 7.6.1, and the proxy fields).
    public static let hopByHop: Self = [
        .connection, .keepAlive, .proxyConnection, .proxyAuthorization, .proxyAuthenticate, .te, .trailer, .transferEncoding,
        .upgrade, .http2Settings,
    ]

    /// Request fields that are not passed on: hop-by-hop, framing and routing (written anew), `expect` (answered here), claims
    /// about the client's address (ASVS 4.1.3), and Stopgate's own.
    public static let requestDropped: Self = Self.hopByHop.union([
        .host, .contentLength, .expect, .forwarded, .xForwardedFor, .xForwardedHost, .xForwardedProto, .xForwardedOther, .xRealIP,
        .stopgateProgram, .stopgateOther,
    ])

    /// Response fields that are not passed on: hop-by-hop, framing, and `alt-svc`, which would send the client past the gate.
    /// Stopgate's own names are ``FieldBlock/withhold(_:)``-ed when the answer arrives: only we may write them.
    public static let responseDropped: Self = Self.hopByHop.union([.contentLength, .altSvc])

    /// Stopgate's own.
    public static let stopgate: Self = [.stopgateProgram, .stopgateOther]

    /// Fields whose presence makes an HTTP/2 message malformed (RFC 9113 section 8.2.2); `te` is judged by its value.
    static let connectionSpecific: Self = [.connection, .proxyConnection, .keepAlive, .transferEncoding, .upgrade]

    /// Fields whose values never come again: no use for a table of recent ones.
    static let unrepeated: Self = [.stopgateOther, .xMessageID, .idempotencyKey, .xTwilioSignature]

    /// Fields that offer another protocol.
    static let upgradeOffers: Self = [.upgrade, .http2Settings]

    /// What a `Connection` field may name, beside unknown names.
    static let connectionOptions: Self = [
        .keepAlive, .te, .trailer, .upgrade, .http2Settings, .proxyConnection, .proxyAuthorization, .proxyAuthenticate,
    ]
}
