public import Policy

extension Settings.Storage {
    /// Where the digests of the admin API's tokens are kept.
    public var tokensFile: String { directory + "/tokens.json" }
}
