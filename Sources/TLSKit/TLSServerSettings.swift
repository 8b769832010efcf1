/// What a TLS listener is made from, as the configuration says it. Paths are to PEM files.
public struct TLSServerSettings: Sendable, Equatable {
    public struct CertificateFiles: Sendable, Equatable {
        /// The certificate first, then its intermediates. The DNS names in its subject alternative name are the server names
        /// it answers for, wildcards included.
        public var chain: String
        /// Its private key, not encrypted, mode 0600 or 0400.
        public var key: String

        public init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }

    public enum ClientAuthentication: Sendable, Equatable {
        case none
        /// A client may show a certificate; one that is shown must be good.
        case optional(ClientTrust)
        case required(ClientTrust)
    }

    public struct ClientTrust: Sendable, Equatable {
        /// The only CAs client certificates may chain to. The system's CAs never count.
        public var authorities: String
        /// Revocation lists of those CAs. When given, a certificate without a fresh list of its CA is refused.
        public var revocationLists: String?

        public init(authorities: String, revocationLists: String? = nil) {
            self.authorities = authorities
            self.revocationLists = revocationLists
        }
    }

    public var certificates: [CertificateFiles]
    public var minimumVersion: TLSVersion
    /// Whether a client that names no server is refused (unrecognized_name). An unknown name is refused always.
    public var requireSNI: Bool
    /// With `requireSNI` off: which of `certificates` a client that names no server is shown.
    public var defaultCertificate: Int
    public var clientAuthentication: ClientAuthentication

    public init(
        certificates: [CertificateFiles],
        minimumVersion: TLSVersion = .tls12,
        requireSNI: Bool = true,
        defaultCertificate: Int = 0,
        clientAuthentication: ClientAuthentication = .none
    ) {
        self.certificates = certificates
        self.minimumVersion = minimumVersion
        self.requireSNI = requireSNI
        self.defaultCertificate = defaultCertificate
        self.clientAuthentication = clientAuthentication
    }
}
