import ArgumentParser
import Foundation

/// `stopgate-load suppressions COUNT`
struct SuppressionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppressions",
        abstract: "Writes the identifiers that scenarios take for suppressed, one a line, for `stopgate list load`.")

    @Argument(help: "How many.")
    var count: Int

    @Option(help: "phone or email.")
    var kind = "phone"

    mutating func run() throws {
        guard kind == "phone" || kind == "email" else { throw ValidationError("--kind must be phone or email") }
        guard count > 0 else { throw ValidationError("COUNT must be above 0") }
        var lines = Data()
        for index in 0..<count {
            lines += Data(((kind == "phone" ? People.phone(index, isSuppressed: true) : People.mail(index, isSuppressed: true)) + "\n").utf8)
            if lines.count > 1 << 20 {
                try FileHandle.standardOutput.write(contentsOf: lines)
                lines.removeAll(keepingCapacity: true)
            }
        }
        try FileHandle.standardOutput.write(contentsOf: lines)
    }
}
