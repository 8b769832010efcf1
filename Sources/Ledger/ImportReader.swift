/// Reads the rows of an import, whatever the file's format.
struct ImportReader {
    struct Record {
        /// Of the row's first line, counted from 1.
        let line: Int
        let fields: Result<[ImportColumn: String], ImportRow.Fault>
        /// The row as it stood in the file.
        let raw: [UInt8]
    }

    private enum Form {
        case csv(CSVReader, places: [ImportColumn: Int], width: Int)
        case ndjson(NDJSONReader)
    }

    private var form: Form

    /// How many bytes of the input are behind the reader.
    var consumed: Int64 {
        switch form {
        case .csv(let reader, _, _): reader.consumed
        case .ndjson(let reader): reader.consumed
        }
    }

    /// Reads the beginning of the input, and the header if it has one.
    /// - Throws: ``ImportFailure``, and what `more` throws.
    init(_ more: @escaping () throws -> [UInt8], options: ImportOptions) throws {
        var first = try more()
        // The first read may be short of the byte that tells.
        while first.count < 4096, Self.start(first).isEmpty, case let bytes = try more(), !bytes.isEmpty { first += bytes }
        if first.starts(with: [0xff, 0xfe]) || first.starts(with: [0xfe, 0xff]) { throw ImportFailure.notUTF8 }
        var pending: [UInt8]? = first
        let all: () throws -> [UInt8] = {
            if let bytes = pending {
                pending = nil
                return bytes
            }
            return try more()
        }
        if options.format == .ndjson || (options.format == nil && Self.start(first).first == UInt8(ascii: "{")) {
            form = .ndjson(NDJSONReader(all, ignoresUnknownKeys: options.ignoresUnknownColumns))
            return
        }
        var reader = CSVReader(all)
        guard let header = try reader.next() else { throw ImportFailure.empty }
        switch header.fields {
        case .failure(let problem): throw ImportFailure.badHeader("\(problem)")
        case .success(let names):
            let places = try ImportColumn.places(names, ignoringUnknown: options.ignoresUnknownColumns)
            form = .csv(reader, places: places, width: names.count)
        }
    }

    /// The next row, or `nil` at the end. A row that cannot be read is a value.
    mutating func next() throws -> Record? {
        switch form {
        case .csv(var reader, let places, let width):
            let record = try reader.next()
            form = .csv(reader, places: places, width: width)
            return record.map { Record(line: $0.line, fields: Self.fields($0.fields, places, width), raw: $0.raw) }
        case .ndjson(var reader):
            let record = try reader.next()
            form = .ndjson(reader)
            return record
        }
    }

    /// What follows a byte-order mark and blanks.
    private static func start(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.drop { [0xef, 0xbb, 0xbf, 0x20, 0x09, 0x0a, 0x0d].contains($0) }
    }

    private static func fields(
        _ row: Result<[String], CSVReader.Problem>, _ places: [ImportColumn: Int], _ width: Int
    ) -> Result<[ImportColumn: String], ImportRow.Fault> {
        row.mapError { ImportRow.Fault(cause: "\($0)") }.flatMap { texts in
            if texts.dropFirst(width).contains(where: { !ImportColumn.trimmed($0).isEmpty }) {
                return .failure(.init(cause: "the row has \(texts.count) fields, the header \(width); quote fields that hold a separator"))
            }
            var fields: [ImportColumn: String] = [:]
            for (column, place) in places where place < texts.count { fields[column] = CSVText.unescaped(ImportColumn.trimmed(texts[place])) }
            return .success(fields)
        }
    }
}
