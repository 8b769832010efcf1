/// How outgoing TLS connections are made and what they trust.
public struct TLSClientSettings: Sendable, Equatable {
    /// PEM file of the only CAs (or pinned certificates) to trust; `nil`: the system's.
    public var authorities: String?
    /// PEM file of revocation lists of those CAs, which must be named then. A server certificate needs a fresh one that does
    /// not revoke it.
    public var revocationLists: String?
    /// The certificate shown to servers that ask for one.
    public var certificate: TLSServerSettings.CertificateFiles?
    public var minimumVersion: TLSVersion

    public init(
        authorities: String? = nil, revocationLists: String? = nil, certificate: TLSServerSettings.CertificateFiles? = nil,
        minimumVersion: TLSVersion = .tls12
    ) {
        self.authorities = authorities
        self.revocationLists = revocationLists
        self.certificate = certificate
        self.minimumVersion = minimumVersion
    }
}
