import Foundation
import Testing

/// One file of Golden/: a request, the verdict, and the bytes that go on or back, parted by lines of ten dashes.
///
/// Header lines and the body are parted by an empty line. Lines of the request end in LF in the file; the body is taken as
/// it stands, without its last LF. `\xNN` in a body stands for one byte, so that bytes which are no text can be written.
struct GoldenCase: CustomTestStringConvertible, Sendable {
    let name: String
    let method: String
    let target: String
    let headers: [String: String]
    let body: [UInt8]
    /// First line: the verdict. Further lines: the recipients and their fates.
    let verdict: [String]
    /// What is forwarded or answered; empty when the body goes on as it came.
    let output: [UInt8]

    var testDescription: String { name }

    init(name: String, text: String) throws {
        let parts = text.components(separatedBy: "\n----------\n")
        guard parts.count == 3 else { throw Malformed(name) }
        let (head, body) = Self.cut(parts[0], at: "\n\n")
        var lines = head.components(separatedBy: "\n")
        let words = lines.removeFirst().components(separatedBy: " ")
        guard words.count == 2 else { throw Malformed(name) }
        self.name = name
        (method, target) = (words[0], words[1])
        var headers: [String: String] = [:]
        for line in lines {
            let (field, value) = Self.cut(line, at: ": ")
            headers[field.lowercased()] = value
        }
        self.headers = headers
        self.body = Self.unescaped(body)
        verdict = parts[1].components(separatedBy: "\n").filter { !$0.isEmpty }
        output = Self.unescaped(parts[2].hasSuffix("\n") ? String(parts[2].dropLast()) : parts[2])
    }

    /// Every case below Golden/, by provider and name.
    static let all: [GoldenCase] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
        let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".case") }.sorted().compactMap { name in
            guard let text = try? String(contentsOf: root.appendingPathComponent(name), encoding: .utf8) else { return nil }
            return try? GoldenCase(name: name, text: text)
        }
    }()

    /// How many files there are: a file that cannot be read is missing from ``all``.
    static let fileCount: Int = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
        return FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }.filter { $0.hasSuffix(".case") }.count ?? 0
    }()

    private struct Malformed: Error {
        let name: String
        init(_ name: String) { self.name = name }
    }

    private static func cut(_ text: String, at mark: String) -> (String, String) {
        guard let range = text.range(of: mark) else { return (text, "") }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    private static func unescaped(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\\"), at + 3 < bytes.count, bytes[at + 1] == UInt8(ascii: "x"),
                let byte = UInt8(String(decoding: bytes[(at + 2)...(at + 3)], as: UTF8.self), radix: 16)
            {
                out.append(byte)
                at += 4
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return out
    }
}
