public import TLSKit

/// A server that requests are passed on to: a provider, or the customer's own application.
public struct Origin: Hashable, Sendable {
    public var host: String
    public var port: Int
    public var usesTLS: Bool
    /// Connect here instead of resolving `host`: a literal address, for tests, tunnels and pinned networks.
    public var connectTo: String?
    public var offer: ALPN.Offer

    public init(host: String, port: Int, usesTLS: Bool = true, connectTo: String? = nil, offer: ALPN.Offer = .http2ThenHTTP1) {
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
        self.connectTo = connectTo
        self.offer = offer
    }

    /// The `Host` or `:authority` a request to this origin carries.
    public var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (usesTLS ? 443 : 80) ? name : "\(name):\(port)"
    }
}
