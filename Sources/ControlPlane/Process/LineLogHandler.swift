import Foundation
import Ledger
public import Logging
public import Policy

/// Writes one line for each message to standard error: text for people, or JSON. Control characters are escaped and long
/// fields are cut, so that nothing a stranger sent can forge a line. Callers log no identifiers.
public struct LineLogHandler: LogHandler {
    /// Bytes of one field.
    static let fieldLimit = 1024

    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let format: Settings.Log.Format
    private let label: String
    private let write: @Sendable (String) -> Void

    public init(
        label: String, settings: Settings.Log,
        write: (@Sendable (String) -> Void)? = nil
    ) {
        self.label = label
        self.write = write ?? { FileHandle.standardError.write(Data($0.utf8)) }
        format = settings.format
        logLevel = Logger.Level(rawValue: settings.level.rawValue) ?? .info
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = Timestamp.now().description
        var line: String
        switch format {
        case .text:
            line = "\(time) \(event.level.rawValue) \(Self.escaped(event.message.description))"
            for (key, value) in fields { line += " \(key)=\(Self.quoted(value.description))" }
        case .json:
            line = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\",\"logger\":\"\(label)\",\"message\":\(Self.json(event.message.description))"
            for (key, value) in fields { line += ",\(Self.json(key)):\(Self.json(value.description))" }
            line += "}"
        }
        write(line + "\n")
    }

    static func quoted(_ text: String) -> String {
        let text = escaped(text)
        return text.isEmpty || text.contains(where: { $0 == " " || $0 == "=" }) ? "\"\(text)\"" : text
    }

    static func json(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// Quotes, backslashes, control and direction-changing characters as JSON escapes.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if out.utf8.count >= fieldLimit {
                out += "..."
                break
            }
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x2028...0x202e).contains(scalar.value)
                || (0x2066...0x2069).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
