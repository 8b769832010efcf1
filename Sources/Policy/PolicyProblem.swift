/// One thing that is wrong with a policy file, where it stands and how to mend it.
public struct PolicyProblem: Error, Hashable, Sendable {
    /// The file as the operator named it.
    public var file: String
    /// From 1; 0 when the problem is the file as a whole.
    public var line: Int
    /// From 1, in Unicode scalars; 0 when the problem is the file as a whole.
    public var column: Int
    public var message: String
    /// The nearest thing that would have been right.
    public var suggestion: String?
    /// The text of ``line``.
    public var source: String?

    public init(
        file: String, line: Int = 0, column: Int = 0, message: String, suggestion: String? = nil, source: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.suggestion = suggestion
        self.source = source
    }
}

extension PolicyProblem: CustomStringConvertible {
    public var description: String { rendered(colour: false) }

    private static let shownColumns = 160

    /// The problem as compilers print it: place and message, the line, a caret, the suggestion. Ends without a newline.
    /// - Parameter colour: adds ANSI escapes, for terminals.
    public func rendered(colour: Bool) -> String {
        let bold = colour ? "\u{1b}[1m" : "", red = colour ? "\u{1b}[1;31m" : "", green = colour ? "\u{1b}[32m" : ""
        let plain = colour ? "\u{1b}[0m" : ""
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        var text = "\(bold)\(place): \(red)error:\(plain)\(bold) \(message)\(plain)"
        if let source, line > 0 {
            let number = String(line)
            let margin = String(repeating: " ", count: number.count)
            // Of a very long line, only the part around the caret.
            let skipped = max(0, column - 1 - Self.shownColumns / 2)
            let shown = source.unicodeScalars.dropFirst(skipped).prefix(Self.shownColumns)
            // Tabs stay tabs, so that the caret stands under its character.
            let lead = shown.prefix(max(column - 1 - skipped, 0)).map { $0 == "\t" ? "\t" : " " }.joined()
            text += "\n \(number) | \(String(String.UnicodeScalarView(shown)))\n \(margin) | \(lead)\(green)^\(plain)"
        }
        if let suggestion { text += "\n   = \(suggestion)" }
        return text
    }
}

/// Everything that is wrong, in the order of the files and lines.
public struct PolicyProblems: Error, Sendable, CustomStringConvertible {
    public var list: [PolicyProblem]

    public init(_ list: [PolicyProblem]) { self.list = list }

    public var description: String { list.map(\.description).joined(separator: "\n\n") }
}
