import Glibc

/// Wall time in nanoseconds.
func now() -> UInt64 { read(CLOCK_MONOTONIC) }

/// CPU time of this thread in nanoseconds: what is left when others have the core does not count, though their use of the
/// shared caches and memory still shows.
func threadTime() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

/// CPU time of the process in nanoseconds.
func processTime() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

private func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// CPU nanoseconds per call of `body` over `count` calls; the least of five rounds, because the machine is shared.
func nanoseconds(_ count: Int, _ body: (UInt64) -> Void) -> Double {
    var best = Double.infinity
    for round in 0..<5 {
        let start = threadTime()
        for i in 0..<count { body(UInt64(round * count + i)) }
        best = min(best, Double(threadTime() - start) / Double(count))
    }
    return best
}

/// How often the kernel has taken the core from this thread.
func involuntarySwitches() -> Int {
    var usage = rusage()
    let thread: Int32 = 1    // RUSAGE_THREAD, which Glibc hides from Swift
    getrusage(__rusage_who_t(thread), &usage)
    return usage.ru_nivcsw
}

/// The median time of a call made alone, with the clock read before and after, less the time that reading takes. The clock
/// waits for the loads before it, so unlike a loop this shows the latency and not how many calls overlap.
func medianAlone(_ count: Int, _ body: (UInt64) -> Void) -> Double {
    var empty: [UInt64] = []
    var full: [UInt64] = []
    for i in 0..<count {
        var start = now()
        empty.append(now() - start)
        start = now()
        body(UInt64(i))
        full.append(now() - start)
    }
    empty.sort()
    full.sort()
    return Double(full[count / 2]) - Double(empty[count / 2])
}

/// A figure of /proc/self/status in bytes, such as VmRSS or RssAnon.
func processMemory(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
        let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        if text.hasPrefix(name + ":") {
            return (text.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
    }
    return 0
}

/// `x` with one digit behind the point.
func short(_ x: Double) -> String {
    let tenths = Int((x * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
}

func two(_ x: Double) -> String {
    let hundredths = Int((x * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

/// Keeps the optimiser from dropping what is measured.
nonisolated(unsafe) var sink: UInt64 = 0
