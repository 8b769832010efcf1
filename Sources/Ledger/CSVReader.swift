/// A streaming reader of RFC 4180, holding one record at a time. Takes LF, CRLF or CR for a line's end, skips a UTF-8
/// byte-order mark and blank lines, and finds out by the first line whether commas, semicolons or tabs separate.
struct CSVReader {
    /// What is wrong with one record. Reading goes on at the line after the record's first, so nothing is swallowed by a
    /// quote that was never closed.
    enum Problem: Error, Equatable {
        case unclosedQuote, quoteInsideField, textAfterQuote, notUTF8
        case tooLong(limit: Int)
        case tooManyFields(limit: Int)
    }

    struct Record: Equatable {
        /// Of the record's first line, counted from 1.
        let line: Int
        let fields: Result<[String], Problem>
        /// The record's bytes without the line's end; for a broken one, its first line.
        let raw: [UInt8]
    }

    static let recordLimit = 65_536
    static let fieldLimit = 256

    private let more: () throws -> [UInt8]
    private var buffer: [UInt8] = []
    private var start = 0
    private var line = 1
    private var ended = false
    private var isFirst = true
    private var separator = UInt8(ascii: ",")
    /// How many bytes of the input are behind the reader.
    private(set) var consumed: Int64 = 0

    /// - Parameter more: gives the next bytes, and none at the end.
    init(_ more: @escaping () throws -> [UInt8]) { self.more = more }

    /// The next record, or `nil` at the end.
    /// - Throws: what `more` throws; a broken record is a value.
    mutating func next() throws -> Record? {
        if isFirst { try readStart() }
        while true {
            if start == buffer.count, try !refill() { return nil }
            switch parse() {
            case .needsMore:
                // At the end of the input, or with a record's worth of bytes at hand, parse() always decides.
                _ = try refill()
            case .blank(let length):
                advance(length, lines: 1)
            case .record(let fields, let end, let length):
                let record = Record(line: line, fields: validated(fields), raw: Array(buffer[start..<(start + end)]))
                advance(length, lines: lineEnds(length))
                return record
            case .broken(let problem):
                let first = line
                return Record(line: first, fields: .failure(problem), raw: try takeFirstLine())
            }
        }
    }

    private enum Step {
        case needsMore
        case blank(length: Int)
        case record(fields: [[UInt8]], end: Int, length: Int)
        case broken(Problem)
    }

    /// Reads one record at `start`. Lengths count from there; `end` is without the line's end.
    private func parse() -> Step {
        var fields: [[UInt8]] = []
        var field: [UInt8] = []
        var quoted = false, closed = false
        var next = start
        while next < buffer.count {
            if next - start > Self.recordLimit { return .broken(quoted ? .unclosedQuote : .tooLong(limit: Self.recordLimit)) }
            let byte = buffer[next]
            if quoted {
                if byte != UInt8(ascii: "\"") {
                    field.append(byte)
                } else if next + 1 < buffer.count, buffer[next + 1] == byte {
                    field.append(byte)
                    next += 1
                } else if next + 1 == buffer.count, !ended {
                    return .needsMore
                } else {
                    quoted = false
                    closed = true
                }
            } else if byte == separator {
                fields.append(field)
                if fields.count >= Self.fieldLimit { return .broken(.tooManyFields(limit: Self.fieldLimit)) }
                field = []
                closed = false
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if byte == UInt8(ascii: "\r"), next + 1 == buffer.count, !ended { return .needsMore }
                let isPair = byte == UInt8(ascii: "\r") && next + 1 < buffer.count && buffer[next + 1] == UInt8(ascii: "\n")
                let length = next - start + (isPair ? 2 : 1)
                if next == start { return .blank(length: length) }
                return .record(fields: fields + [field], end: next - start, length: length)
            } else if byte == UInt8(ascii: "\"") {
                guard field.isEmpty, !closed else { return .broken(closed ? .textAfterQuote : .quoteInsideField) }
                quoted = true
            } else if closed {
                return .broken(.textAfterQuote)
            } else {
                field.append(byte)
            }
            next += 1
        }
        guard ended else { return .needsMore }
        return quoted ? .broken(.unclosedQuote) : .record(fields: fields + [field], end: next - start, length: next - start)
    }

    private func validated(_ fields: [[UInt8]]) -> Result<[String], Problem> {
        var texts: [String] = []
        for field in fields {
            guard let text = String(validating: field, as: UTF8.self) else { return .failure(.notUTF8) }
            texts.append(text)
        }
        return .success(texts)
    }

    private mutating func readStart() throws {
        isFirst = false
        while buffer.count < 4096, try refill() {}
        if buffer.starts(with: [0xef, 0xbb, 0xbf]) { advance(3, lines: 0) }
        let head = buffer[start...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        separator = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")].first(where: head.contains) ?? separator
    }

    /// Goes past the next line's end, however far that is, and gives the line's first ``recordLimit`` bytes.
    private mutating func takeFirstLine() throws -> [UInt8] {
        var kept: [UInt8] = []
        while true {
            let end = buffer[start...].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            let piece = buffer[start..<(end ?? buffer.count)]
            kept += piece.prefix(Self.recordLimit - kept.count)
            guard let end else {
                advance(piece.count, lines: 0)
                if try refill() { continue }
                return kept
            }
            let isReturn = buffer[end] == UInt8(ascii: "\r")
            advance(piece.count + 1, lines: 1)
            if isReturn, try start < buffer.count || refill(), buffer[start] == UInt8(ascii: "\n") { advance(1, lines: 0) }
            return kept
        }
    }

    private func lineEnds(_ length: Int) -> Int {
        var lines = 0
        for index in start..<(start + length) {
            let pairEnds = buffer[index] == UInt8(ascii: "\n") && index > start && buffer[index - 1] == UInt8(ascii: "\r")
            if (buffer[index] == UInt8(ascii: "\n") || buffer[index] == UInt8(ascii: "\r")) && !pairEnds { lines += 1 }
        }
        return lines
    }

    private mutating func advance(_ length: Int, lines: Int) {
        start += length
        line += lines
        consumed += Int64(length)
    }

    /// - Returns: `false` at the end of the input.
    private mutating func refill() throws -> Bool {
        guard !ended else { return false }
        let bytes = try more()
        ended = bytes.isEmpty
        if start > 0 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer += bytes
        return !ended
    }
}

extension CSVReader.Problem: CustomStringConvertible {
    var description: String {
        switch self {
        case .unclosedQuote: "a quote is opened and never closed; close it, and double the quotes inside of a field"
        case .quoteInsideField: "a quote stands inside of an unquoted field; quote the whole field and double the quotes inside"
        case .textAfterQuote: "there is text after a closing quote; double the quotes inside of a field"
        case .notUTF8: "the row is not valid UTF-8; save the file as UTF-8"
        case .tooLong(let limit): "the row is longer than \(limit) bytes"
        case .tooManyFields(let limit): "the row has more than \(limit) fields"
        }
    }
}
