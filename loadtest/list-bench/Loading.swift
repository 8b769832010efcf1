import Foundation
import Ledger
import Lists
import Recipients
import Suppression

/// Seconds of all threads, and of the clock.
struct Stopwatch {
    private let cpu = Self.cpuSeconds
    private let wall = ContinuousClock.now

    static var cpuSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    var cpuElapsed: Double { Self.cpuSeconds - cpu }
    var wallElapsed: Double { (ContinuousClock.now - wall) / .seconds(1) }
}

func peakMiB() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1024
}

func loadList(shape: String, path: String, directory: String, threads: Int) throws {
    if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(atPath: directory + "/index", withIntermediateDirectories: true)
    guard let secret = DigestSecret([UInt8](repeating: 5, count: 16)) else { return }
    let index = try SuppressionIndex(directory: directory + "/index", secretID: 5)
    let lists = try ListStore(directory: directory + "/lists", index: index, secret: secret, rules: .standard)
    index.markReady()
    var options = ListOptions(kind: shape == "mail" ? .email : .phone, channels: .all, reason: "dnc")
    if shape != "plus" && shape != "mail" { options.region = Region("US") }
    if shape == "ftc" {
        options.columns = [.number(1), .number(2)]
        options.joinsColumns = true
    }
    let watch = Stopwatch()
    let marks = Marks()
    let result = try lists.load("bench", file: path, options: options, rejectedRows: directory + "/rejected.csv", threads: threads) { progress in
        marks.note(progress.phase, watch)
        return true
    }
    marks.note(.done, watch)
    guard case .loaded(let version, _) = result else { return print("unchanged") }
    print("\(shape): \(version.rows) rows, \(version.keys) keys, \(version.rejected) rejected, \(threads) threads, peak \(peakMiB()) MiB")
    for (name, from, to) in [("read", ListProgress.Phase.reading, .sorting), ("sort and write", .sorting, .indexing), ("index", .indexing, .done)]
        as [(String, ListProgress.Phase, ListProgress.Phase)] {
        guard let a = marks[from], let b = marks[to] else { continue }
        // The first report of the reading comes after its first chunks; it began at 0.
        let cpu = b.cpu - (from == .reading ? 0 : a.cpu), wall = b.wall - (from == .reading ? 0 : a.wall)
        print(String(
            format: "  %@: %.2f s CPU, %.2f s wall, %.2f M rows per CPU second, %.0f ns a row", name.padding(toLength: 15, withPad: " ", startingAt: 0),
            cpu, wall, Double(version.rows) / cpu / 1e6, cpu / Double(version.rows) * 1e9))
    }
    print(String(
        format: "  all:            %.2f s CPU, %.2f s wall, %.2f M rows per CPU second", watch.cpuElapsed, watch.wallElapsed,
        Double(version.rows) / watch.cpuElapsed / 1e6))
    let again = Stopwatch()
    let second = try lists.load("bench", file: path, options: options)
    guard case .unchanged = second else { return print("not unchanged") }
    print(String(format: "  the same again: unchanged after %.2f s", again.wallElapsed))
}

/// When each phase was first heard of.
final class Marks: @unchecked Sendable {
    private let lock = NSLock()
    private var marks: [ListProgress.Phase: (cpu: Double, wall: Double)] = [:]

    func note(_ phase: ListProgress.Phase, _ watch: Stopwatch) {
        lock.withLock { if marks[phase] == nil { marks[phase] = (watch.cpuElapsed, watch.wallElapsed) } }
    }

    subscript(phase: ListProgress.Phase) -> (cpu: Double, wall: Double)? { lock.withLock { marks[phase] } }
}
