import Foundation

/// The machine a result comes from.
struct Environment: Codable {
    var date: String
    var processor: String
    var cores: Int
    var memoryBytes: UInt64
    var kernel: String
    /// The load average before the run: what else the machine did.
    var load: Double

    static func current() -> Environment {
        func read(_ file: String) -> String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }
        let processor = read("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return Environment(
            date: ISO8601DateFormatter().string(from: Date()),
            processor: processor.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown", cores: ProcessInfo.processInfo.processorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory, kernel: read("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines),
            load: Double(read("/proc/loadavg").split(separator: " ").first ?? "0") ?? 0)
    }
}
