import Foundation
public import Ledger
import Suppression
import TLSKit

/// The file of the admin API's tokens (mode 0600): their digests alone. The command line changes it, a running gate reads it again
/// whenever it was changed.
public struct TokenFile: Sendable {
    struct Content: Codable, Equatable, Sendable {
        var version = 1
        var tokens: [AdminToken] = []
    }

    /// What makes a token recognisable to people and secret scanners.
    static let tokenPrefix = "stopgate_"
    static let randomBytes = 32
    static let nameLimit = 64
    static let tokenLimit = 1000

    public let path: String

    public init(_ path: String) { self.path = path }

    public func tokens() throws -> [AdminToken] { try read().tokens }

    /// Makes a token.
    /// - Parameter expires: `nil` for never.
    /// - Returns: the token itself, which is kept nowhere, and what is kept of it.
    /// - Throws: ``TokenFailure``.
    public func create(
        name: String, scopes: [AdminScope], expires: Timestamp?, by actor: String, now: Timestamp = .now()
    ) throws -> (secret: String, token: AdminToken) {
        guard Self.isName(name) else { throw TokenFailure.badName(name) }
        guard !scopes.isEmpty else { throw TokenFailure.noScope }
        if let expires, expires <= now { throw TokenFailure.alreadyExpired("\(expires)") }
        let random = Data(MessageAuthentication.randomBytes(Self.randomBytes)).base64EncodedString()
        let secret = Self.tokenPrefix + random.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" }
        let token = AdminToken(
            name: name, sha256: Self.hex(Self.digest(secret)), scopes: AdminScope.allCases.filter(scopes.contains), createdAt: now.description,
            createdBy: actor, expiresAt: expires?.description)
        try change { content in
            guard !content.tokens.contains(where: { $0.name == name }) else { throw TokenFailure.nameTaken(name) }
            guard content.tokens.count < Self.tokenLimit else { throw TokenFailure.tooMany(limit: Self.tokenLimit) }
            content.tokens.append(token)
        }
        return (secret, token)
    }

    /// Ends a token. It stays in the file, so that its name is not used again.
    @discardableResult
    public func revoke(_ name: String, by actor: String, now: Timestamp = .now()) throws -> AdminToken {
        var revoked: AdminToken?
        try change { content in
            guard let place = content.tokens.firstIndex(where: { $0.name == name }) else { throw TokenFailure.unknownName(name) }
            if content.tokens[place].revokedAt == nil {
                content.tokens[place].revokedAt = now.description
                content.tokens[place].revokedBy = actor
            }
            revoked = content.tokens[place]
        }
        guard let revoked else { throw TokenFailure.unknownName(name) }
        return revoked
    }

    // MARK: The file

    func read() throws -> Content {
        let manager = FileManager.default
        guard manager.fileExists(atPath: path) else { return Content() }
        let mode = (try? manager.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
        guard mode & 0o077 == 0 else {
            throw TokenFailure.unreadable(path: path, cause: "others than its owner may open it; run 'chmod 600 \(path)'")
        }
        guard let data = manager.contents(atPath: path) else { throw TokenFailure.unreadable(path: path, cause: "it cannot be opened") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let content = try? decoder.decode(Content.self, from: data), content.version == 1 else {
            throw TokenFailure.unreadable(path: path, cause: "it is no token file of this version; make the tokens anew")
        }
        return content
    }

    /// Changes the file as the only one to do so; after a crash there is the old file or the new.
    private func change(_ body: (inout Content) throws -> Void) throws {
        let lockPath = path + ".lock"
        if !FileManager.default.fileExists(atPath: lockPath) {
            _ = FileManager.default.createFile(atPath: lockPath, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        guard let lock = FileHandle(forUpdatingAtPath: lockPath) else {
            throw TokenFailure.notWritable(path: lockPath, cause: "it cannot be opened; does the directory exist, and may we write to it?")
        }
        defer { try? lock.close() }
        guard flock(lock.fileDescriptor, LOCK_EX) == 0 else { throw TokenFailure.notWritable(path: lockPath, cause: "it cannot be locked") }
        var content = try read()
        try body(&content)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            try DurableFile.replace(path, with: Array(try encoder.encode(content)), temporary: path + ".tmp")
        } catch {
            throw TokenFailure.notWritable(path: path, cause: "\(error)")
        }
    }

    static func digest(_ secret: String) -> [UInt8] { MessageAuthentication.sha256(Array(secret.utf8)) }

    static func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    private static func isName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first), bytes.count <= nameLimit else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
    }
}
