import Foundation

/// Where a load leaves the rows it did not take: a CSV file of line, cause and row, mode 0600 because the rows name people.
struct RejectedListRowFile: Sendable {
    private let handle: FileHandle

    /// Makes the file at `path`, emptying one that is there.
    init(path: String) throws(ListFailure) {
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw .unreadable(path: path, cause: "the file for rejected rows cannot be made; does its directory exist?") }
        self.handle = handle
        do {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            try handle.write(contentsOf: Data("line,cause,row\r\n".utf8))
        } catch {
            throw .unreadable(path: path, cause: "rejected rows cannot be written: \(error.localizedDescription)")
        }
    }

    func write(_ rows: [RejectedListRow]) throws {
        var text = ""
        for row in rows { text += "\(row.line),\(Self.field(row.cause)),\(Self.field(row.text))\r\n" }
        if !text.isEmpty { try handle.write(contentsOf: Data(text.utf8)) }
    }

    /// Quoted always; what a spreadsheet would compute gets an apostrophe.
    private static func field(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r'".unicodeScalars.contains($0) } == true
        let doubled = text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        return "\"\(isFormula ? "'" : "")\(doubled)\""
    }
}
