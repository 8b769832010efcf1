import Foundation

/// A restore whose exchange has begun.
struct PendingRestore: Codable {
    /// Where what was there is kept.
    let kept: String
    let keepsLists: Bool

    init(kept: String, keepsLists: Bool) {
        self.kept = kept
        self.keepsLists = keepsLists
    }

    /// - Parameter path: the file that `bytes` come from, for the message.
    init(_ bytes: Data, path: String) throws {
        do {
            self = try JSONDecoder().decode(PendingRestore.self, from: bytes)
        } catch {
            throw StartProblem("\(path) speaks of a restore that was cut off and cannot be read: restore the backup again, after moving this file away")
        }
    }

    /// Where the backup's copy waits.
    var incoming: String { kept + "/incoming" }

    func encoded() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }
}
