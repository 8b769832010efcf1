import ArgumentParser
import Foundation

/// A process whose costs are read from /proc, with those of its children.
struct WatchedProcess {
    struct Sample {
        var cpuSeconds = 0.0
        var residentBytes = 0
        var descriptors = 0
        var threads = 0

        /// For ``ProcessResult/samples``.
        func row(_ seconds: Double) -> [Double] { [seconds, Double(residentBytes), Double(descriptors), Double(threads)] }
    }

    let name: String
    private let pid: Int32

    static let own = WatchedProcess(name: "generator", pid: getpid())

    private init(name: String, pid: Int32) {
        self.name = name
        self.pid = pid
    }

    /// - Parameter text: NAME=PID.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let pid = Int32(parts[1]), FileManager.default.fileExists(atPath: "/proc/\(pid)/stat") else {
            throw ValidationError("--watch \(text): write NAME=PID of a running process")
        }
        self.init(name: String(parts[0]), pid: pid)
    }

    func sample() -> Sample {
        var sum = Sample()
        for pid in Self.family(pid) {
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let end = stat.lastIndex(of: ")") else { continue }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            guard fields.count > 21 else { continue }
            sum.cpuSeconds += ((Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
            sum.threads += Int(fields[17]) ?? 0
            sum.residentBytes += (Int(fields[21]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
            sum.descriptors += (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
        }
        return sum
    }

    private static func family(_ pid: Int32) -> [Int32] {
        var family = [pid]
        for task in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? [] {
            let children = (try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/children", encoding: .utf8)) ?? ""
            for child in children.split(separator: " ") { family += Int32(child).map { self.family($0) } ?? [] }
        }
        return family
    }
}
