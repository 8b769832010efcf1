import Recipients

/// What the first row of a bulk file tells: how rows and columns are told apart, which columns hold identifiers, and whether the row
/// is a header.
struct ListFormat: Sendable {
    let separator: UInt8
    let lineEnd: UInt8
    /// Counted from 0.
    let columns: [Int]
    /// Bytes and lines of the header; 0 without one.
    let headerBytes: Int
    let headerLines: Int

    var scanner: ListRowScanner { ListRowScanner(separator: separator, lineEnd: lineEnd, columns: columns) }

    private static let names: [IdentifierKind: [String]] = [
        .phone: ["phone", "phonenumber", "mobile", "mobilephone", "cell", "cellphone", "telephone", "tel", "msisdn", "number", "identifier"],
        .email: ["email", "emailaddress", "mail", "address", "identifier"],
    ]

    init(_ head: [UInt8], path: String, options: ListOptions) throws(ListFailure) {
        let line = head.firstIndex { $0 == 0x0a || $0 == 0x0d } ?? head.count
        let isReturn = line < head.count && head[line] == 0x0d && !head.prefix(ListRowScanner.rowLimit).contains(0x0a)
        lineEnd = isReturn ? 0x0d : 0x0a
        separator = options.separator
            ?? [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")].first(where: head[..<line].contains)
            ?? UInt8(ascii: ",")
        let (row, end, lines) = Self.firstRow(head, separator, lineEnd)
        let names = row.map(Self.plain)

        var columns: [Int] = []
        for column in options.columns {
            switch column {
            case .number(let number):
                guard number <= row.count else {
                    throw .badHeader(path: path, cause: "column \(number) was asked for, and the row has \(row.count)")
                }
                columns.append(number - 1)
            case .name(let name):
                let found = names.indices.filter { names[$0] == Self.plain(Array(name.utf8)) }
                guard let place = found.first else {
                    throw .badHeader(path: path, cause: "no column is called \"\(name)\"; there are: \(Self.shown(row))")
                }
                guard found.count == 1 else { throw .badHeader(path: path, cause: "\(found.count) columns are called \"\(name)\"; give its number") }
                columns.append(place)
            }
        }
        if columns.isEmpty {
            let known = Self.names[options.kind] ?? []
            let found = names.indices.filter { known.contains(names[$0]) }
            if row.count == 1 {
                columns = [0]
            } else if found.count == 1 {
                columns = found
            } else {
                throw .badHeader(path: path, cause: "say which of its \(row.count) columns hold the identifiers: \(Self.shown(row))")
            }
        }
        self.columns = columns

        let isNamed = options.columns.contains { if case .name = $0 { true } else { false } }
        let looksLikeHeader = columns.allSatisfy { column in
            !row[column].isEmpty && !row[column].contains { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "@") || $0 >= 0x80 }
        }
        let hasHeader =
            switch options.header {
            case .present: true
            case .absent: false
            case .detect: isNamed || looksLikeHeader
            }
        headerBytes = hasHeader ? end : 0
        headerLines = hasHeader ? lines : 0
    }

    /// The first row's fields, where it ends, and how many lines it has.
    private static func firstRow(_ head: [UInt8], _ separator: UInt8, _ lineEnd: UInt8) -> (fields: [[UInt8]], end: Int, lines: Int) {
        var fields: [[UInt8]] = [], field: [UInt8] = [], lines = 1, isQuoted = false, i = 0
        while i < min(head.count, ListRowScanner.rowLimit) {
            let byte = head[i]
            i += 1
            if byte == ListRowScanner.quote, isQuoted || field.isEmpty {
                isQuoted.toggle()
            } else if byte == separator && !isQuoted {
                fields.append(field)
                field = []
            } else if byte == lineEnd && !isQuoted {
                break
            } else {
                if byte == lineEnd { lines += 1 }
                field.append(byte)
            }
        }
        return (fields + [field], i, lines)
    }

    /// Small letters and digits alone: `E-Mail Address` is `emailaddress`.
    private static func plain(_ name: [UInt8]) -> String {
        String(decoding: name, as: UTF8.self).lowercased().filter { $0.isLetter || $0.isNumber }
    }

    /// The header's names, for a message. Where the row is no header its text may be personal, so only names of letters are shown.
    private static func shown(_ row: [[UInt8]]) -> String {
        row.prefix(20).enumerated().map { index, field in
            let text = String(decoding: field, as: UTF8.self)
            let isName = text.utf8.count <= 40 && !text.contains { $0.isNumber || $0 == "@" }
            return isName && !text.isEmpty ? text : "(column \(index + 1))"
        }.joined(separator: ", ")
    }
}
