import COpenSSL
import Glibc
public import Recipients

/// The secret under which the log names people: 32 bytes in a file that only its owner may read. Keep it apart from the log
/// and from the log's backups; whoever destroys it destroys the link between the log and its people.
@safe public final class AuditKey: @unchecked Sendable {
    private let secret: UnsafeMutableRawBufferPointer
    /// Names the key in every record: the first four bytes of SHA-256("stopgate audit key" ‖ key) in hexadecimal.
    public let id: String

    private init(_ bytes: UnsafeRawBufferPointer) {
        secret = .allocate(byteCount: 32, alignment: 8)
        secret.copyMemory(from: bytes)
        var hash = SHA256()
        let label: StaticString = "stopgate audit key"
        hash.update(UnsafeRawBufferPointer(start: label.utf8Start, count: label.utf8CodeUnitCount))
        hash.update(UnsafeRawBufferPointer(secret))
        id = hash.finish().hex(bytes: 4)
    }

    deinit {
        OPENSSL_cleanse(secret.baseAddress, secret.count)
        secret.deallocate()
    }

    /// Reads the key, or makes one on the first start.
    /// - Throws: ``AuditFailure/key(path:reason:)`` when the file is not a regular file of 32 bytes with mode 0600 that
    ///   belongs to this user; ``AuditFailure/system(_:path:errno:)``.
    public static func loadOrCreate(_ path: String) throws(AuditFailure) -> AuditKey {
        if let key = try load(ifPresent: path) { return key }
        try create(path)
        guard let key = try load(ifPresent: path) else { throw .key(path: path, reason: "vanished while it was made") }
        return key
    }

    /// Reads the key.
    /// - Throws: as ``loadOrCreate(_:)``, and when there is no such file.
    public static func load(_ path: String) throws(AuditFailure) -> AuditKey {
        guard let key = try load(ifPresent: path) else { throw .system(.open, path: path, errno: ENOENT) }
        return key
    }

    private static func load(ifPresent path: String) throws(AuditFailure) -> AuditKey? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if file < 0, errno == ENOENT { return nil }
        if file < 0, errno == ELOOP { throw .key(path: path, reason: "is a symbolic link: give the path of the file itself") }
        guard file >= 0 else { throw .system(.open, path: path, errno: errno) }
        defer { Glibc.close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw .system(.open, path: path, errno: errno) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .key(path: path, reason: "is not a regular file") }
        guard facts.st_mode & 0o7777 == 0o600 else {
            let mode = String(facts.st_mode & 0o7777, radix: 8)
            throw .key(path: path, reason: "has mode \(mode): others could read it. Set it with chmod 600, or use a new key")
        }
        guard facts.st_uid == geteuid() else {
            throw .key(path: path, reason: "belongs to user \(facts.st_uid), this process is user \(geteuid()): use chown")
        }
        return try withUnsafeTemporaryAllocation(byteCount: 33, alignment: 8) { buffer throws(AuditFailure) -> AuditKey in
            defer { OPENSSL_cleanse(buffer.baseAddress, buffer.count) }
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            guard count >= 0 else { throw .system(.read, path: path, errno: errno) }
            guard count == 32 else {
                throw .key(path: path, reason: "holds \(count == 33 ? "more than 32" : "\(count)") bytes instead of 32")
            }
            return AuditKey(UnsafeRawBufferPointer(rebasing: buffer[..<32]))
        }
    }

    /// Writes a new key aside, syncs it and links it into place: the file is whole or not there, and never replaces another.
    private static func create(_ path: String) throws(AuditFailure) {
        let aside = "\(path).\(getpid()).tmp"
        unlink(aside)
        let file = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(.open, path: aside, errno: errno) }
        defer {
            Glibc.close(file)
            unlink(aside)
        }
        try withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer throws(AuditFailure) in
            defer { OPENSSL_cleanse(buffer.baseAddress, buffer.count) }
            guard RAND_priv_bytes(buffer.assumingMemoryBound(to: UInt8.self).baseAddress, 32) == 1 else {
                throw .system(.random, path: path, errno: EIO)
            }
            guard fchmod(file, 0o600) == 0, Glibc.write(file, buffer.baseAddress, 32) == 32 else {
                throw .system(.write, path: aside, errno: errno)
            }
        }
        guard fsync(file) == 0 else { throw .system(.sync, path: aside, errno: errno) }
        guard link(aside, path) == 0 || errno == EEXIST else { throw .system(.rename, path: path, errno: errno) }
        try Directory.sync(Directory.parent(of: path))
    }

    /// The eight bytes of ``id`` in the order of memory.
    var idWord: UInt64 {
        var word: UInt64 = 0
        withUnsafeMutableBytes(of: &word) { $0.copyBytes(from: id.utf8) }
        return word
    }

    /// A ready HMAC under this key.
    func authenticator() -> HMACSHA256 { HMACSHA256(key: UnsafeRawBufferPointer(secret)) }

    /// How the log writes an identifier: the first 16 bytes of HMAC-SHA-256(key, kind ‖ ":" ‖ identifier) as 32
    /// hexadecimal digits.
    /// - Parameter identifier: normalised, as the gate looks it up.
    public func name(of kind: IdentifierKind, _ identifier: String) -> String {
        let authenticator = authenticator()
        let prefix = Array("\(kind.name):".utf8)
        let bytes = Array(identifier.utf8)
        return prefix.withUnsafeBytes { first in
            bytes.withUnsafeBytes { authenticator.authenticate(first, $0).hex(bytes: 16) }
        }
    }
}
