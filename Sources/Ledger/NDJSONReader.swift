import Foundation

/// A streaming reader of one JSON object a line, holding one line at a time. Skips a UTF-8 byte-order mark and blank lines.
struct NDJSONReader {
    private let more: () throws -> [UInt8]
    private let ignoresUnknownKeys: Bool
    private let decoder = JSONDecoder()
    private var buffer: [UInt8] = []
    private var start = 0
    private var line = 1
    private var ended = false
    private var isFirst = true
    private(set) var consumed: Int64 = 0

    /// - Parameter more: gives the next bytes, and none at the end.
    init(_ more: @escaping () throws -> [UInt8], ignoresUnknownKeys: Bool) {
        self.more = more
        self.ignoresUnknownKeys = ignoresUnknownKeys
    }

    /// The next row, or `nil` at the end.
    /// - Throws: what `more` throws; a line that is no row is a value.
    mutating func next() throws -> ImportReader.Record? {
        while let (bytes, number, isWhole) = try nextLine() {
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
            guard isWhole else { return record(bytes, number, .failure(.init(cause: "the line is longer than \(CSVReader.recordLimit) bytes"))) }
            return record(bytes, number, fields(bytes))
        }
        return nil
    }

    private func record(
        _ bytes: [UInt8], _ line: Int, _ fields: Result<[ImportColumn: String], ImportRow.Fault>
    ) -> ImportReader.Record {
        ImportReader.Record(line: line, fields: fields, raw: bytes)
    }

    /// What a field may be. Fractions are none: they come of spreadsheets that took a number for one.
    private enum Value: Decodable {
        case text(String?)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .text(nil)
            } else if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let number = try? value.decode(Int64.self) {
                self = .text(String(number))
            } else {
                self = .text(try value.decode([String].self).joined(separator: " "))
            }
        }
    }

    private func fields(_ bytes: [UInt8]) -> Result<[ImportColumn: String], ImportRow.Fault> {
        guard String(validating: bytes, as: UTF8.self) != nil else { return .failure(.init(cause: "the line is not valid UTF-8")) }
        guard let object = try? decoder.decode([String: Value].self, from: Data(bytes)) else {
            return .failure(.init(cause: "the line is no JSON object of strings, whole numbers and lists of strings"))
        }
        var fields: [ImportColumn: String] = [:]
        var unknown: [String] = []
        for (name, value) in object {
            guard case .text(let text?) = value else { continue }
            guard let column = ImportColumn(header: name) else {
                unknown.append(name)
                continue
            }
            // Somebody's own words stay as they are.
            if fields.updateValue(column == .evidence ? text : ImportColumn.trimmed(text), forKey: column) != nil {
                return .failure(.init(cause: "two keys mean \(column.rawValue)"))
            }
        }
        if !unknown.isEmpty && !ignoresUnknownKeys {
            let names = unknown.sorted().map { $0.prefix(40) }.joined(separator: ", ")
            return .failure(.init(cause: "unknown keys: \(names); rename or remove them, or have them ignored"))
        }
        return .success(fields)
    }

    /// The next line without its end, at most ``CSVReader/recordLimit`` bytes of it, and whether that is all of it.
    private mutating func nextLine() throws -> (bytes: [UInt8], line: Int, isWhole: Bool)? {
        var kept: [UInt8] = [], isWhole = true, hasBytes = false
        while true {
            if start == buffer.count, try !refill() {
                guard hasBytes else { return nil }
                defer { line += 1 }
                return (kept, line, isWhole)
            }
            hasBytes = true
            let end = buffer[start...].firstIndex(of: 0x0a)
            let piece = buffer[start..<(end ?? buffer.count)]
            if kept.count + piece.count > CSVReader.recordLimit { isWhole = false }
            kept += piece.prefix(CSVReader.recordLimit - kept.count)
            start += piece.count + (end == nil ? 0 : 1)
            consumed += Int64(piece.count + (end == nil ? 0 : 1))
            if end != nil {
                defer { line += 1 }
                if kept.last == 0x0d { kept.removeLast() }
                return (kept, line, isWhole)
            }
        }
    }

    /// - Returns: `false` at the end of the input.
    private mutating func refill() throws -> Bool {
        guard !ended else { return false }
        buffer = try more()
        start = 0
        ended = buffer.isEmpty
        if isFirst, buffer.starts(with: [0xef, 0xbb, 0xbf]) {
            start = 3
            consumed += 3
        }
        isFirst = false
        return !ended
    }
}
