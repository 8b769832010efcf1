import Foundation

/// A bar on standard error for work that takes a while; nothing where nobody looks.
final class ProgressBar {
    private let total: Int64
    private let label: String
    private var shown = -1

    init(_ label: String, total: Int64) {
        self.label = label
        self.total = total
    }

    func update(_ done: Int64) {
        guard Terminal.showsProgress, total > 0 else { return }
        let percent = Int(min(100, done * 100 / total))
        guard percent != shown else { return }
        shown = percent
        let filled = percent * 30 / 100
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        FileHandle.standardError.write(Data("\r\(label) \(bar) \(percent)%".utf8))
    }

    func finish() {
        guard Terminal.showsProgress, shown >= 0 else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K".utf8))
    }
}
