import Foundation
import Suppression
import TLSKit

/// Which version of which list is in force: one small file, replaced as a whole. What it names is there; what it does not name is nothing.
struct ListManifest: Codable, Equatable, Sendable {
    struct Entry: Codable, Equatable, Sendable {
        var name: String
        var current: String
        var previous: String?
    }

    private(set) var entries: [Entry] = []

    static let fileName = "manifest.json"
    private static let separator = UInt8(ascii: "\n")

    subscript(name: String) -> Entry? {
        get { entries.first { $0.name == name } }
        set {
            entries.removeAll { $0.name == name }
            if let newValue { entries.append(newValue) }
            entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
    }

    /// Names the state for ``SuppressionIndex/listsID``: 0 without lists, and never 0 with some.
    var id: UInt64 {
        guard !entries.isEmpty else { return 0 }
        let text = entries.map { "\($0.name) \($0.current)\n" }.joined()
        return MessageAuthentication.sha256(Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) } | 1
    }

    func encoded() -> [UInt8] { Self.sealed(self) }

    init() {}

    init(path: String) throws(ListFailure) { self = try Self.opened(path) }

    /// JSON behind a line with its SHA-256.
    static func sealed(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        // Strings and numbers alone: encoding them cannot fail.
        let body = (try? encoder.encode(value)).map(Array.init) ?? []
        return Array(ListSource.hex(MessageAuthentication.sha256(body)).utf8) + [separator] + body
    }

    /// What ``sealed(_:)`` made.
    static func opened<T: Decodable>(_ path: String) throws(ListFailure) -> T {
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path: path, cause: "it cannot be read") }
        let bytes = Array(data)
        let cut = bytes.firstIndex(of: separator) ?? bytes.count
        let body = Array(bytes[min(cut + 1, bytes.count)...])
        guard bytes[..<cut].elementsEqual(ListSource.hex(MessageAuthentication.sha256(body)).utf8),
            let value = try? JSONDecoder().decode(T.self, from: Data(body))
        else {
            throw .damaged(
                path: path,
                cause: "it was cut or altered, and it alone says which versions of the lists are in force. Restore it from a backup, or "
                    + "move the directory away and load the lists again")
        }
        return value
    }
}
