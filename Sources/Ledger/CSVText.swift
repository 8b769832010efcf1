/// How fields are written so that a spreadsheet shows them and runs nothing, and how they come back.
enum CSVText {
    /// What makes a spreadsheet take a field for a formula, and the apostrophe itself, so that escaping can be undone.
    private static func isEscaped(_ first: Unicode.Scalar) -> Bool { "=+-@\t\r'".unicodeScalars.contains(first) }

    /// `=SUM(A1)` becomes `'=SUM(A1)`, `+14155550123` becomes `'+14155550123`; quoted where RFC 4180 asks for it.
    static func field(_ text: String) -> String {
        let shown = text.unicodeScalars.first.map(isEscaped) == true ? "'" + text : text
        guard shown.utf8.contains(where: { $0 == 0x22 || $0 == 0x2c || $0 == 0x0a || $0 == 0x0d || $0 == 0x3b || $0 == 0x09 }) else { return shown }
        return "\"" + shown.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// The text that ``field(_:)`` was made of, after the quotes are gone.
    static func unescaped(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.first == "'", let second = scalars.dropFirst().first, isEscaped(second) else { return text }
        return String(text.unicodeScalars.dropFirst())
    }

    static func record(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\r\n" }
}
