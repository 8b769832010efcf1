public import Adapters
public import Recipients

/// Everything the policies say, compiled: immutable, shared by all workers, replaced as a whole.
public struct Ruleset: Sendable {
    public let settings: Settings
    /// The adapters that are enabled.
    public let routes: RouteTable
    /// Every adapter there is, whether enabled or not.
    public let adapters: [Adapter]
    public let channels: [Channel: ChannelRules]
    /// SHA-256 over the names and bytes of all files it was made from, 32 bytes: recorded with every decision.
    public let hash: [UInt8]

    /// ``hash`` in lower-case hexadecimal.
    public var hashText: String {
        let digits = Array("0123456789abcdef")
        return hash.map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
    }
}
