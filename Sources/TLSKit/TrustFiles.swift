import COpenSSL

/// The CA file a peer's certificate must chain to, and the revocation lists, read and checked once; every worker makes its own
/// store from them.
struct TrustFiles: Sendable {
    private let authoritiesFile: String
    private let authorities: SecretBytes
    private let revocationFile: String?
    private let revocation: SecretBytes?
    /// SHA-256 over both files.
    let digest: [UInt8]

    init(authorities authoritiesFile: String, revocationLists: String?, now: Int64) throws(TLSProblem) {
        self.authoritiesFile = authoritiesFile
        authorities = try PEMFile.read(authoritiesFile)
        _ = try PEMFile.certificates(authorities, file: authoritiesFile)
        revocationFile = revocationLists
        if let file = revocationLists {
            let bytes = try PEMFile.read(file)
            for list in try PEMFile.revocationLists(bytes, file: file) where list.isStale(at: now) {
                throw TLSProblem(
                    file: file, what: "holds a revocation list whose next update is overdue",
                    remedy: "Fetch the current list from the CA.")
            }
            revocation = bytes
        } else {
            revocation = nil
        }
        // Digests of both, so that the border between the files counts too.
        digest = MessageAuthentication.sha256(Self.digest(authorities) + (revocation.map(Self.digest) ?? []))
    }

    private static func digest(_ contents: SecretBytes) -> [UInt8] {
        contents.withBytes { MessageAuthentication.sha256(Array($0)) }
    }

    func certificates() throws(TLSProblem) -> [Certificate] {
        try PEMFile.certificates(authorities, file: authoritiesFile)
    }

    func makeStore() throws(TLSProblem) -> TrustStore {
        let store = TrustStore(certificates: try certificates())
        if let revocation, let revocationFile {
            store.require(try PEMFile.revocationLists(revocation, file: revocationFile))
        }
        return store
    }
}
