import Foundation

/// One line on the terminal that tells how far a step is; nothing of it when the output goes to a file.
final class Progress {
    private let isTerminal = isatty(STDERR_FILENO) == 1

    func update(name: String, seconds: Double, of total: Double, rate: Double, waiting: Int) {
        guard isTerminal else { return }
        let filled = Int(20 * min(1, seconds / total))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        write("\r\u{1b}[K  \(name) \(bar) \(Int(seconds)) of \(Int(total)) s, \(Int(rate)) answers a second, \(max(0, waiting)) under way")
    }

    func clear() { if isTerminal { write("\r\u{1b}[K") } }

    func line(_ text: String) { write(text + "\n") }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
