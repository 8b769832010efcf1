import Foundation
import Suppression
import TLSKit

/// A directory (mode 0700) for work that nothing depends on.
struct AsideDirectory {
    private static let prefix = "verification-"
    let path: String

    /// Makes a new one, and removes those that crashes have left.
    init(in directory: String) throws {
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: directory)) ?? [] where name.hasPrefix(Self.prefix) {
            // Another verification that still runs holds its own.
            guard let hold = try? DirectoryHold("\(directory)/\(name)") else { continue }
            withExtendedLifetime(hold) { try? manager.removeItem(atPath: "\(directory)/\(name)") }
        }
        path = directory + "/" + Self.prefix + MessageAuthentication.randomBytes(6).map { String($0, radix: 16) }.joined()
        try DurableFile.makeDirectory(path)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
