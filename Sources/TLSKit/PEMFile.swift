import CLinux
import COpenSSL
import Glibc

/// Reads the PEM files of the settings. Every refusal names the file and how to mend it.
enum PEMFile {
    /// No certificate chain, CA bundle or key comes near this; a wrong path (a log, a disk image) does.
    static let limit = 4 << 20

    /// The bytes of a certificate, CA or CRL file.
    static func read(_ path: String) throws(TLSProblem) -> SecretBytes {
        try contents(path, secret: nil)
    }

    /// The bytes of a key file. Refused when anybody but its owner may read it, and when it is not a plain file.
    static func readKey(_ path: String, holding what: String = "a private key") throws(TLSProblem) -> SecretBytes {
        try contents(path, secret: what)
    }

    private static func contents(_ path: String, secret: String?) throws(TLSProblem) -> SecretBytes {
        let fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard fd >= 0 else { throw unreadable(path, errno) }
        defer { close(fd) }
        var status = stat()
        guard fstat(fd, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TLSProblem(file: path, what: "is not a file", remedy: "Name the file itself.")
        }
        // Asked of the open file, so that nobody can swap the file between the question and the reading.
        let mode = status.st_mode & 0o7777
        if let secret, mode != 0o600, mode != 0o400 {
            throw TLSProblem(
                file: path, what: "holds \(secret) and has mode 0\(String(mode, radix: 8))",
                remedy: "Allow nobody but the owner: chmod 600 '\(path)'")
        }
        guard status.st_size <= limit else {
            throw TLSProblem(file: path, what: "is larger than \(limit) bytes", remedy: "Name the right file.")
        }
        return try SecretBytes(capacity: Int(status.st_size) + 1) { (room) throws(TLSProblem) in
            var count = 0
            while count < room.count {
                let n = Glibc.read(fd, room.baseAddress! + count, room.count - count)
                if n == 0 { break }
                if n > 0 { count += n } else if errno != EINTR { throw unreadable(path, errno) }
            }
            return count
        }
    }

    private static func unreadable(_ path: String, _ error: Int32) -> TLSProblem {
        TLSProblem(
            file: path, what: "cannot be read: \(String(cString: strerror(error)))",
            remedy: "Check the path, and that the user stopgate runs as may read it.")
    }
}

extension PEMFile {
    /// All certificates of `bytes`, in order; at least one.
    static func certificates(_ contents: SecretBytes, file: String) throws(TLSProblem) -> [Certificate] {
        let bio = makeBIO(contents)
        defer { closeBIO(bio, contents) }
        var found: [Certificate] = []
        while let certificate = PEM_read_bio_X509(bio, nil, nil, nil) { found.append(Certificate(owning: certificate)) }
        try checkEnd(file, "certificate")
        guard !found.isEmpty else {
            throw TLSProblem(
                file: file, what: "holds no certificate", remedy: "It should begin with -----BEGIN CERTIFICATE-----.")
        }
        return found
    }

    /// All revocation lists of `bytes`, each owned by the caller; at least one.
    static func revocationLists(_ contents: SecretBytes, file: String) throws(TLSProblem) -> [RevocationList] {
        let bio = makeBIO(contents)
        defer { closeBIO(bio, contents) }
        var found: [RevocationList] = []
        while let list = PEM_read_bio_X509_CRL(bio, nil, nil, nil) { found.append(RevocationList(owning: list)) }
        try checkEnd(file, "revocation list")
        guard !found.isEmpty else {
            throw TLSProblem(file: file, what: "holds no revocation list", remedy: "It should begin with -----BEGIN X509 CRL-----.")
        }
        return found
    }

    /// The first private key of `bytes`, which must not be encrypted: nobody is there to type a passphrase.
    static func privateKey(_ contents: SecretBytes, file: String) throws(TLSProblem) -> PrivateKey {
        let bio = makeBIO(contents)
        defer { closeBIO(bio, contents) }
        // Answering -1 instead of asking at the terminal, which is what OpenSSL does when it is given no callback.
        let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
        defer { ERR_clear_error() }
        guard let key else {
            let encrypted = contents.withBytes { memmem($0.baseAddress, $0.count, "ENCRYPTED", 9) != nil }
            throw encrypted
                ? TLSProblem(
                    file: file, what: "holds an encrypted key",
                    remedy: "Store it without a passphrase, mode 0600: openssl pkey -in '\(file)' -out FILE")
                : TLSProblem(
                    file: file, what: "holds no private key that can be read (\(TLSFailure.reason(ERR_peek_last_error())))",
                    remedy: "It should be PEM and begin with -----BEGIN PRIVATE KEY-----.")
        }
        return PrivateKey(owning: key)
    }

    /// A BIO that reads `contents` in place, so they must live until it is closed.
    private static func makeBIO(_ contents: SecretBytes) -> OpaquePointer {
        ERR_clear_error()
        guard let bio = contents.withBytes({ BIO_new_mem_buf($0.baseAddress, Int32($0.count)) }) else { fatalError("out of memory: BIO") }
        return bio
    }

    private static func closeBIO(_ bio: OpaquePointer, _ contents: SecretBytes) {
        BIO_free(bio)
        withExtendedLifetime(contents) {}
    }

    /// PEM readers end with "no start line" at the end of the file; anything else is a broken block.
    private static func checkEnd(_ file: String, _ kind: String) throws(TLSProblem) {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        if code == 0 || ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE { return }
        throw TLSProblem(
            file: file, what: "holds a broken \(kind) (\(TLSFailure.reason(code)))", remedy: "Copy or issue the file again.")
    }
}
