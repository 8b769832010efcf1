import Foundation
import TLSKit

/// The secret under which this installation digests identifiers. Whoever has it can test whether an identifier is in the
/// index; so it lies alone in a file of mode 0600 and is in no backup of the snapshot.
public struct InstallationSecret: Sendable {
    /// ``byteCount`` bytes, as Recipients' `DigestSecret` takes them.
    public let bytes: [UInt8]

    public static let byteCount = 16

    public enum Failure: Error, Equatable, Sendable {
        case tooOpen(path: String, mode: Int)
        case wrongLength(path: String, count: Int)
        case unusable(path: String, cause: String)
    }

    /// Reads the secret at `path`, or makes one when there is no file: written aside, synced, and given its name only then, so
    /// that a crash leaves either no secret or a whole one. Of two processes that make it at once, both use the first's.
    /// - Throws: ``Failure``. A secret that is lost or changed makes every snapshot built with it useless, so none is ever
    ///   replaced.
    public static func loadOrCreate(path: String) throws -> InstallationSecret {
        let files = FileManager.default
        if !files.fileExists(atPath: path) {
            let aside = path + "." + MessageAuthentication.randomBytes(8).map { String($0, radix: 16) }.joined()
            guard files.createFile(atPath: aside, contents: nil, attributes: [.posixPermissions: 0o600]),
                let handle = FileHandle(forWritingAtPath: aside)
            else { throw Failure.unusable(path: path, cause: "cannot create a file beside it; does the directory exist?") }
            defer { try? files.removeItem(atPath: aside) }
            do {
                try handle.write(contentsOf: Data(MessageAuthentication.randomBytes(byteCount)))
                try handle.synchronize()
                try handle.close()
                // A hard link, unlike a rename, never replaces.
                try files.linkItem(atPath: aside, toPath: path)
                try syncDirectory(of: path)
            } catch {
                guard files.fileExists(atPath: path) else { throw Failure.unusable(path: path, cause: "\(error)") }
            }
        }
        return try load(path: path)
    }

    private static func load(path: String) throws -> InstallationSecret {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular, let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
            else { throw Failure.unusable(path: path, cause: "it is no regular file") }
            guard mode & 0o077 == 0 else { throw Failure.tooOpen(path: path, mode: mode) }
            guard let handle = FileHandle(forReadingAtPath: path) else { throw Failure.unusable(path: path, cause: "cannot read it") }
            let data = try handle.read(upToCount: byteCount + 1) ?? Data()
            guard data.count == byteCount else { throw Failure.wrongLength(path: path, count: data.count) }
            return InstallationSecret(bytes: Array(data))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure.unusable(path: path, cause: "\(error)")
        }
    }

    /// Without this the name may be lost with the power, though the bytes are not.
    private static func syncDirectory(of path: String) throws {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard let handle = FileHandle(forReadingAtPath: directory) else { throw Failure.unusable(path: path, cause: "cannot sync \(directory)") }
        try handle.synchronize()
    }
}

extension InstallationSecret.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooOpen(let path, let mode):
            "\(path) may be read by others (mode \(String(mode, radix: 8))); run `chmod 600` on it, and change the secret if others had it"
        case .wrongLength(let path, let count):
            "\(path) holds \(count) bytes instead of \(InstallationSecret.byteCount); restore it from where secrets are kept"
        case .unusable(let path, let cause): "\(path): \(cause)"
        }
    }
}
