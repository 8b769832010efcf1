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
        var lines: [UInt8] = []
        lines.reserveCapacity(1 << 21)
        for index in 0..<count {
            People.append(index, kind == "phone" ? .phone : .mail, to: &lines)
            lines.append(UInt8(ascii: "\n"))
            if lines.count > 1 << 20 || index == count - 1 {
                try FileHandle.standardOutput.write(contentsOf: Data(lines))
                lines.removeAll(keepingCapacity: true)
            }
        }
    }
}
