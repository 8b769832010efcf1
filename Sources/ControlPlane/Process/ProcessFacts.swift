import Foundation

/// What the kernel says of this process, from /proc.
struct ProcessFacts {
    var residentBytes = 0
    var descriptors = 0
    var threads = 0

    init() {
        if let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) {
            for line in text.split(separator: "\n") {
                let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
                guard words.count > 1, let value = Int(words[1]) else { continue }
                if words[0] == "VmRSS:" { residentBytes = value * 1024 }
                if words[0] == "Threads:" { threads = value }
            }
        }
        descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
