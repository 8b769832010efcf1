/// Where a provider listens.
public struct OriginSpec: Sendable, Hashable {
    public var host: String
    public var port: Int
    public var usesTLS: Bool

    public init(host: String, port: Int = 443, usesTLS: Bool = true) {
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
    }
}
