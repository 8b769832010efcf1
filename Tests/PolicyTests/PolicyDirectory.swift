import Foundation

/// A copy of the shipped policies that a test may spoil.
final class PolicyDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("stopgate-policies-\(UUID().uuidString)").path
        // A copy of a symbolic link would be the shipped policies themselves.
        let shipped = URL(fileURLWithPath: ShippedPoliciesTests.directory).resolvingSymlinksInPath().path
        try FileManager.default.copyItem(atPath: shipped, toPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }

    /// Replaces text that must be there, once.
    func replace(_ old: String, with new: String, in name: String) throws {
        let text = try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
        guard text.contains(old) else { throw NotThere(text: old) }
        try write(text.replacingOccurrences(of: old, with: new), to: name)
    }

    struct NotThere: Error { let text: String }
}
