import COpenSSL

/// A certificate chain and its private key, read from their files and checked against each other and the time.
struct KeyPair {
    let chain: [Certificate]
    let key: PrivateKey
    let chainBytes: SecretBytes
    let keyBytes: SecretBytes
    var leaf: Certificate { chain[0] }

    init(chain chainFile: String, key keyFile: String, now: Int64) throws(TLSProblem) {
        let chainBytes = try PEMFile.read(chainFile)
        let keyBytes = try PEMFile.readKey(keyFile)
        let chain = try PEMFile.certificates(chainBytes, file: chainFile)
        let key = try PEMFile.privateKey(keyBytes, file: keyFile)
        defer { ERR_clear_error() }
        guard X509_check_private_key(chain[0].pointer, key.pointer) == 1 else {
            throw TLSProblem(
                file: keyFile, what: "is not the key of the certificate in \(chainFile)",
                remedy: "Name the two files that were issued together; the chain file begins with the server's own certificate.")
        }
        for certificate in chain {
            guard certificate.notAfter > now else {
                throw TLSProblem(
                    file: chainFile, what: "holds a certificate that expired \(Self.days(now - certificate.notAfter)) ago",
                    remedy: "Renew it: `stopgate certs issue`, or your CA.")
            }
            guard certificate.notBefore <= now else {
                throw TLSProblem(
                    file: chainFile, what: "holds a certificate that is not valid for another \(Self.days(certificate.notBefore - now))",
                    remedy: "Check this machine's clock, or wait.")
            }
        }
        self.chain = chain
        self.key = key
        self.chainBytes = chainBytes
        self.keyBytes = keyBytes
    }

    private static func days(_ seconds: Int64) -> String {
        seconds < 172_800 ? "\(seconds / 3_600) hours" : "\(seconds / 86_400) days"
    }
}
