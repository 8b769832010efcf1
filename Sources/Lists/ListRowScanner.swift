/// Finds rows and fields in RFC 4180 text, in place: no allocation, one pass, offsets into the bytes.
///
/// A quote counts as such only as the first byte of a field. Text behind a closing quote, or a quote that is never closed, makes the
/// row's first line a broken row, and scanning goes on at the next line: a forgotten quote swallows nothing.
struct ListRowScanner: Sendable {
    /// Where a field's text lies.
    struct Field {
        var range = 0..<0
        var isPresent = false
        /// Quotes in the text are doubled.
        var hasEscapes = false
    }

    enum Problem: String {
        case unclosedQuote = "A quote is opened and never closed. Close it, and double the quotes inside of a field."
        case textAfterQuote = "There is text behind a closing quote. Double the quotes inside of a field."
        case tooLong = "The row is longer than 65536 bytes."
    }

    enum Step {
        /// A row, behind whose line end the next begins, and how many line ends it has.
        case row(end: Int, lines: Int)
        /// Its first line ends before `end`.
        case broken(Problem, end: Int)
        case needsMore
    }

    static let columnLimit = 8
    static let rowLimit = 65_536
    static let quote = UInt8(ascii: "\"")

    let separator: UInt8
    /// LF, or CR in files without LF.
    let lineEnd: UInt8
    /// For every column of the file up to the last wanted, its place in ``fields`` and 1 more; 0 when it is not wanted.
    private let slots: [UInt8]
    /// The wanted fields of the row that was found last.
    private(set) var fields = InlineArray<8, Field>(repeating: Field())

    /// - Parameter columns: at most ``columnLimit``, counted from 0.
    init(separator: UInt8, lineEnd: UInt8, columns: [Int]) {
        precondition(columns.count <= Self.columnLimit && columns.allSatisfy { $0 >= 0 && $0 < 4096 })
        self.separator = separator
        self.lineEnd = lineEnd
        var slots = [UInt8](repeating: 0, count: (columns.max() ?? 0) + 1)
        for (slot, column) in columns.enumerated() { slots[column] = UInt8(slot + 1) }
        self.slots = slots
    }

    /// Scans the row that begins at `start`.
    /// - Parameter isLast: nothing follows the bytes.
    mutating func next(_ bytes: Span<UInt8>, from start: Int, isLast: Bool) -> Step {
        for slot in fields.indices { fields[slot].isPresent = false }
        var i = start, column = 0, lines = 1
        while true {
            var field = Field(range: i..<i, isPresent: true, hasEscapes: false)
            if i < bytes.count, bytes[i] == Self.quote {
                i += 1
                let lower = i
                while true {
                    guard i < bytes.count, i - start <= Self.rowLimit else {
                        return isLast || i - start > Self.rowLimit ? broken(.unclosedQuote, bytes, start, isLast) : .needsMore
                    }
                    let byte = bytes[i]
                    if byte == Self.quote {
                        guard i + 1 < bytes.count else {
                            if isLast { break }
                            return .needsMore
                        }
                        if bytes[i + 1] != Self.quote { break }
                        field.hasEscapes = true
                        i += 1
                    } else if byte == lineEnd {
                        lines += 1
                    }
                    i += 1
                }
                field.range = lower..<i
                i += 1
                while i < bytes.count, bytes[i] != separator, bytes[i] == 0x20 || bytes[i] == 0x09 || (bytes[i] == 0x0d && lineEnd != 0x0d) { i += 1 }
                if i < bytes.count, bytes[i] != separator, bytes[i] != lineEnd { return broken(.textAfterQuote, bytes, start, isLast) }
            } else {
                while i < bytes.count, bytes[i] != separator, bytes[i] != lineEnd { i += 1 }
                field.range = field.range.lowerBound..<i
            }
            if i - start > Self.rowLimit { return broken(.tooLong, bytes, start, isLast) }
            if i == bytes.count && !isLast { return .needsMore }
            if column < slots.count, slots[column] != 0 { fields[Int(slots[column]) - 1] = field }
            if i == bytes.count { return .row(end: i, lines: lines) }
            if bytes[i] == lineEnd { return .row(end: i + 1, lines: lines) }
            i += 1
            column += 1
        }
    }

    /// The end of the broken row's first line.
    private func broken(_ problem: Problem, _ bytes: Span<UInt8>, _ start: Int, _ isLast: Bool) -> Step {
        var i = start
        while i < bytes.count {
            if bytes[i] == lineEnd { return .broken(problem, end: i + 1) }
            i += 1
        }
        return isLast ? .broken(problem, end: i) : .needsMore
    }
}
