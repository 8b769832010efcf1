
/// Everything a TLS listener needs from the disk, read and checked as a whole: immutable, shared by all workers, replaced as a
/// whole by a reload. Each worker builds its own ``TLSServerContext`` from it, so no OpenSSL object is shared between threads.
public final class TLSServerMaterial: Sendable {
    /// One certificate, for metrics and `doctor`.
    public struct Summary: Sendable, Equatable {
        public let file: String
        /// Lower case, as the certificate lists them.
        public let names: [String]
        /// Seconds since 1970.
        public let notAfter: Int64

        /// Whole days until it expires at `now` (seconds since 1970), negative once it has.
        public func daysLeft(now: Int64) -> Int {
            let seconds = notAfter - now
            return Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        }
    }

    public let settings: TLSServerSettings
    public var certificates: [Summary] { pairs.map(\.summary) }

    struct Pair: Sendable {
        let summary: Summary
        let keyKind: String
        let chain: SecretBytes
        let key: SecretBytes
    }

    let pairs: [Pair]
    /// Which pairs answer for which server name (lower case, `*.` in front of a wildcard): at most one of each key kind.
    let pairsByName: [[UInt8]: [Int]]
    let clientTrust: TrustFiles?
    /// What sessions are bound to: a ticket issued under other client rules is not accepted.
    let sessionContext: [UInt8]

    /// Reads and checks every file.
    /// - Parameter now: the time certificates must be valid at, seconds since 1970.
    /// - Throws: the first problem found. Nothing is kept then, and whatever served before goes on serving.
    public init(_ settings: TLSServerSettings, now: Int64 = UnixTime.now()) throws(TLSProblem) {
        self.settings = settings
        guard !settings.certificates.isEmpty else {
            throw TLSProblem(
                file: "tls", what: "no certificate is configured", remedy: "Make one with `stopgate certs issue` and name its files.")
        }
        guard settings.requireSNI || settings.certificates.indices.contains(settings.defaultCertificate) else {
            throw TLSProblem(
                file: "tls", what: "the default certificate is number \(settings.defaultCertificate) of \(settings.certificates.count)",
                remedy: "Count from 0.")
        }
        var pairs: [Pair] = []
        var byName: [[UInt8]: [Int]] = [:]
        for (index, files) in settings.certificates.enumerated() {
            let pair = try Self.load(files, now: now)
            let isDefault = !settings.requireSNI && index == settings.defaultCertificate
            guard !pair.summary.names.isEmpty || isDefault else {
                throw TLSProblem(
                    file: files.chain, what: "has no DNS name among its subject alternative names, so no client could ask for it",
                    remedy: "Issue it with a DNS name; the common name does not count.")
            }
            for name in Set(pair.summary.names) {
                if let other = byName[Array(name.utf8)]?.first(where: { pairs[$0].keyKind == pair.keyKind }) {
                    throw TLSProblem(
                        file: files.chain, what: "answers for \(name), and so does \(pairs[other].summary.file)",
                        remedy: "Keep one \(pair.keyKind) certificate for a name.")
                }
                byName[Array(name.utf8), default: []].append(index)
            }
            pairs.append(pair)
        }
        self.pairs = pairs
        pairsByName = byName
        switch settings.clientAuthentication {
        case .none:
            clientTrust = nil
            sessionContext = MessageAuthentication.sha256(Array("stopgate".utf8))
        case .optional(let trust), .required(let trust):
            let files = try TrustFiles(authorities: trust.authorities, revocationLists: trust.revocationLists, now: now)
            clientTrust = files
            sessionContext = files.digest
        }
    }

    private static func load(_ files: TLSServerSettings.CertificateFiles, now: Int64) throws(TLSProblem) -> Pair {
        let pair = try KeyPair(chain: files.chain, key: files.key, now: now)
        let names = pair.leaf.dnsNames
        if let bad = names.first(where: { !DNSName.isValidPattern($0.utf8) }) {
            throw TLSProblem(
                file: files.chain, what: "names '\(bad)', which is no host name",
                remedy: "A wildcard stands alone in front: *.example.com.")
        }
        return Pair(
            summary: Summary(file: files.chain, names: names, notAfter: pair.leaf.notAfter),
            keyKind: pair.leaf.keyKind, chain: pair.chainBytes, key: pair.keyBytes)
    }
}
