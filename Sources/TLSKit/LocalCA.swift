import COpenSSL
import Glibc

/// A certificate authority of one's own, for the hosts a gate stands in for: senders are told to trust `ca.pem`, and the gate
/// then answers as `api.twilio.com` with a certificate issued here.
///
/// Name constraints keep the harm small if the CA's key is ever stolen: it can sign for the listed names and nothing else, no
/// other host, address, mail address or URI, and no further CA (path length 0).
///
/// Files in its directory: `ca.pem`, `ca-key.pem`, and for each certificate `NAME.pem` and `NAME-key.pem`. Keys are P-256,
/// not encrypted, mode 0600.
public struct LocalCA {
    public enum Purpose: Sendable { case server, client }

    public struct Issued: Sendable, Equatable {
        public let chainFile: String
        public let keyFile: String
        /// Seconds since 1970.
        public let notAfter: Int64
    }

    /// What browsers and Apple's systems accept at most for a server certificate.
    public static let longestDays = 397
    private static let authorityYears = 10
    private static let day: Int64 = 86_400
    /// Clocks of containers and their hosts differ a little.
    private static let backdating: Int64 = 3_600

    public let directory: String
    private let signed: CertificateTemplate.Signed

    public var authorityFile: String { "\(directory)/ca.pem" }
    private var authorityKeyFile: String { "\(directory)/ca-key.pem" }

    private init(directory: String, signed: CertificateTemplate.Signed) {
        self.directory = directory
        self.signed = signed
    }

    /// Makes a CA and its two files. The directory is made (mode 0700) when its parent exists.
    /// - Parameter permitted: what it may sign for: host names with everything below them, IP addresses, networks (10.0.0.0/8).
    /// - Throws: on a name that is none, when a CA is there already, when a file cannot be written.
    public static func create(
        in directory: String, permitted: [String], now: Int64 = UnixTime.now()
    ) throws(TLSProblem) -> LocalCA {
        var constraints: [SubjectName] = []
        for text in permitted { constraints.append(try SubjectName(permitted: text)) }
        guard constraints.contains(where: { !$0.isAddress }) else {
            throw TLSProblem(
                file: directory, what: "the CA is given no host name it may sign for",
                remedy: "List the hosts the gate stands in for, api.twilio.com for instance.")
        }
        // A type of name that no constraint mentions is not limited at all, so each type gets one.
        var nameConstraints = constraints.map(\.constraint)
        if !constraints.contains(where: \.isAddress) {
            nameConstraints += ["excluded;IP:0.0.0.0/0.0.0.0", "excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0"]
        }
        nameConstraints += ["permitted;email:none.invalid", "permitted;URI:none.invalid"]
        let template = CertificateTemplate(
            commonName: "Stopgate local CA", nameConstraints: nameConstraints, isAuthority: true,
            notBefore: now - backdating, notAfter: now + Int64(authorityYears) * 365 * day)
        let authority = LocalCA(directory: directory, signed: try template.sign(by: nil))
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw TLSProblem(
                file: directory, what: "cannot be made: \(String(cString: strerror(errno)))", remedy: "Make the directory above it first.")
        }
        // An old ca.pem must not be left beside a new key, so the certificate's name is asked for before the key is written.
        guard access(authority.authorityFile, F_OK) != 0 else {
            throw TLSProblem(
                file: authority.authorityFile, what: "is there already",
                remedy: "Keep it, or move ca.pem and ca-key.pem away first: senders trust the old one.")
        }
        try AtomicFile.write(authority.signed.keyPEM, to: authority.authorityKeyFile, mode: 0o600, replace: false)
        try AtomicFile.write(authority.signed.certificatePEM, to: authority.authorityFile, mode: 0o644, replace: false)
        return authority
    }

    /// Opens the CA that ``create(in:permitted:now:)`` made.
    public static func open(_ directory: String, now: Int64 = UnixTime.now()) throws(TLSProblem) -> LocalCA {
        let pair = try KeyPair(chain: "\(directory)/ca.pem", key: "\(directory)/ca-key.pem", now: now)
        return LocalCA(directory: directory, signed: .init(certificate: pair.leaf, key: pair.key))
    }

    /// Issues a certificate and writes its two files, replacing those of the same name.
    /// - Parameters:
    ///   - name: what the files are called: letters, digits, `.`, `_` and `-`.
    ///   - subjects: host names (a wildcard label in front is allowed) and IP addresses; at least one.
    ///   - days: 1 to ``longestDays``, cut at the CA's own end.
    /// - Throws: on a name the CA may not sign for, on bad arguments, when a file cannot be written.
    public func issue(
        name: String, subjects: [String], purpose: Purpose, days: Int = longestDays, now: Int64 = UnixTime.now()
    ) throws(TLSProblem) -> Issued {
        try Self.check(name: name)
        guard (1...Self.longestDays).contains(days) else {
            throw TLSProblem(file: name, what: "is to live \(days) days", remedy: "Choose 1 to \(Self.longestDays) days.")
        }
        var names: [SubjectName] = []
        for subject in subjects { names.append(try SubjectName(subject: subject)) }
        guard !names.isEmpty else {
            throw TLSProblem(file: name, what: "is to carry no name", remedy: "Give at least one host name or IP address.")
        }
        let notBefore = now - Self.backdating
        let notAfter = min(notBefore + Int64(days) * Self.day, signed.certificate.notAfter)
        // With a space in it, so that nobody takes it for a host name: OpenSSL would hold it against the name constraints.
        let template = CertificateTemplate(
            commonName: String("Stopgate \(name)".prefix(64)), alternativeNames: names.map(\.alternativeName),
            extendedKeyUsage: purpose == .server ? "serverAuth" : "clientAuth", notBefore: notBefore, notAfter: notAfter)
        let leaf = try template.sign(by: signed)
        try checkChain(leaf.certificate, name: name, subjects: subjects, now: now)
        let issued = Issued(
            chainFile: "\(directory)/\(name).pem", keyFile: "\(directory)/\(name)-key.pem", notAfter: leaf.certificate.notAfter)
        try AtomicFile.write(leaf.keyPEM, to: issued.keyFile, mode: 0o600, replace: true)
        // The root is not part of the chain: whoever verifies has it already.
        try AtomicFile.write(leaf.certificatePEM, to: issued.chainFile, mode: 0o644, replace: true)
        return issued
    }

    /// Names files, so nothing that could leave the directory, hide, or replace the CA.
    private static func check(name: String) throws(TLSProblem) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch DNSName.lowercase(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard isPlain, (1...200).contains(name.utf8.count), !name.hasPrefix("."), name != "ca", name != "ca-key" else {
            throw TLSProblem(
                file: name, what: "cannot name certificate files",
                remedy: "Use letters, digits, '.', '_' and '-', beginning with none of '.'; 'ca' is taken.")
        }
    }

    /// Verifies what was just signed as a client of it would, so that a name outside the constraints is refused here and not
    /// by the first sender.
    private func checkChain(_ leaf: Certificate, name: String, subjects: [String], now: Int64) throws(TLSProblem) {
        let store = TrustStore(certificates: [signed.certificate])
        guard let check = X509_STORE_CTX_new(), X509_STORE_CTX_init(check, store.pointer, leaf.pointer, nil) == 1
        else { fatalError("out of memory: X509_STORE_CTX") }
        defer {
            X509_STORE_CTX_free(check)
            ERR_clear_error()
        }
        X509_STORE_CTX_set_time(check, 0, time_t(now))
        guard X509_verify_cert(check) != 1 else { return }
        let error = X509_STORE_CTX_get_error(check)
        let isName = error == X509_V_ERR_PERMITTED_VIOLATION || error == X509_V_ERR_EXCLUDED_VIOLATION
        throw TLSProblem(
            file: name,
            what: isName
                ? "\(subjects.joined(separator: ", ")) is not all within what \(authorityFile) may sign for"
                : "does not verify against \(authorityFile): \(String(cString: X509_verify_cert_error_string(Int(error))))",
            remedy: isName
                ? "See `openssl x509 -in \(authorityFile) -noout -ext nameConstraints`; a CA for more names is made with `stopgate certs init`."
                : "Make a new CA with `stopgate certs init` in another directory.")
    }
}
