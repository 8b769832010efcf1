import Glibc
import Recipients
import Suppression

/// Builds an index of `count` entries, opens it anew, and measures look-ups, memory and times.
func measure(entries count: Int, in directory: String, keep: Bool) throws {
    print("## \(count) entries")
    let fresh = try SuppressionIndex(directory: directory, secretID: 1)
    if case .opened = fresh.startup, try fileBytes(directory) > 0, fresh.state(of: member(UInt64(count - 1))).isEmpty == false {
        print("using the snapshot that is there")
    } else {
        try build(count, fresh)
    }
    try measureOpened(count, in: directory, dropping: consume fresh)
    if !keep { unlink(directory + "/index.snapshot") }
}

func fileBytes(_ directory: String) throws -> Int {
    var status = stat()
    return stat(directory + "/index.snapshot", &status) == 0 ? Int(status.st_size) : 0
}

private func build(_ count: Int, _ index: SuppressionIndex) throws {
    let start = now()
    let startCPU = processTime()
    let rebuild = try index.beginRebuild(.everything)
    for i in 0..<UInt64(count) { try rebuild.add(member(i), .phoneMessages, source: i & 1 == 0 ? .event : .list) }
    let added = now()
    try rebuild.commit(ledgerPosition: 1)
    let done = now()
    let seconds = Double(done - start) / 1e9
    let cpu = Double(processTime() - startCPU) / 1e9
    print("build: \(two(seconds)) s wall, of it \(two(Double(added - start) / 1e9)) s taking rows; \(two(cpu)) s CPU: "
        + "\(short(Double(count) / cpu / 1e6)) M rows per CPU second; peak resident \(processMemory("VmHWM") >> 20) MiB, the new mapping included")
}

private func measureOpened(_ count: Int, in directory: String, dropping old: consuming SuppressionIndex) throws {
    _ = consume old
    let file = try fileBytes(directory)
    let before = processMemory("VmRSS")
    let start = now()
    let startCPU = processTime()
    let index = try SuppressionIndex(directory: directory, secretID: 1)
    let opened = Double(now() - start) / 1e6
    let openedCPU = Double(processTime() - startCPU) / 1e6
    index.markReady()
    let resident = processMemory("VmRSS") - before
    print("open (map, populate, verify): \(short(opened)) ms wall, \(short(openedCPU)) ms CPU; file \(two(Double(file) / Double(count))) bytes/entry; "
        + "resident \(two(Double(resident) / Double(count))) bytes/entry")
    printHugePages()
    let reader = try index.makeReader()
    let n = 1_000_000
    let size = UInt64(count)
    let noKey = nanoseconds(n) { sink &+= stranger($0).low }
    let noMember = nanoseconds(n) { sink &+= randomMember($0, of: size).low }
    let miss = nanoseconds(n) { sink &+= UInt64(reader.blockedChannels(stranger($0)).rawValue) } - noKey
    let hit = nanoseconds(n) { sink &+= UInt64(reader.blockedChannels(randomMember($0, of: size)).rawValue) } - noMember
    let missAlone = medianAlone(200_000) { sink &+= UInt64(reader.blockedChannels(stranger($0)).rawValue) }
    let hitAlone = medianAlone(200_000) { sink &+= UInt64(reader.blockedChannels(randomMember($0, of: size)).rawValue) }
    let (missBatch, hitBatch) = batched(reader, size)
    // Past a few gigabytes the floor no longer depends on the size, and at a billion entries twice the memory is not there.
    let floorBytes = min(max(resident, 1 << 20), 4 << 30)
    let floor = Floor(bytes: floorBytes, hugePages: true)
    let hugeFloor = floor.dependentLoad()
    floor.release()
    let small = Floor(bytes: floorBytes, hugePages: false)
    let smallFloor = small.dependentLoad()
    small.release()
    print("floor, one dependent load in \(floorBytes >> 20) MiB: \(short(hugeFloor)) ns huge pages, \(short(smallFloor)) ns small pages")
    print("look-up, ns:          miss \(short(miss))  hit \(short(hit))")
    print("batch of 32, ns/key:   miss \(short(missBatch))  hit \(short(hitBatch))")
    print("alone (median), ns:    miss \(short(missAlone))  hit \(short(hitAlone))")
}

private func batched(_ reader: SuppressionReader, _ size: UInt64) -> (miss: Double, hit: Double) {
    let width = 32
    var keys = [RecipientKey](repeating: RecipientKey(low: 0, high: 0), count: width)
    var channels = [ChannelSet](repeating: [], count: width)
    func run(_ make: (UInt64) -> RecipientKey) -> Double {
        let fill = nanoseconds(30_000) { i in
            for j in 0..<width { keys[j] = make(i &* 32 &+ UInt64(j)) }
            sink &+= keys[0].low
        }
        let all = nanoseconds(30_000) { i in
            for j in 0..<width { keys[j] = make(i &* 32 &+ UInt64(j)) }
            var answers = channels.mutableSpan
            reader.blockedChannels(of: keys.span, into: &answers)
            sink &+= UInt64(channels[31].rawValue)
        }
        return (all - fill) / Double(width)
    }
    return (run { stranger($0 &+ 77_000_000) }, run { randomMember($0 &+ 77_000_000, of: size) })
}

/// How much of the snapshot's mapping the kernel serves by huge pages.
private func printHugePages() {
    guard let file = fopen("/proc/self/smaps", "r") else { return }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    var inSnapshot = false
    while fgets(&line, 512, file) != nil {
        let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        if text.contains("-") && text.contains(" r") { inSnapshot = text.contains("index.snapshot") }
        if inSnapshot, text.hasPrefix("FilePmdMapped:") || text.hasPrefix("Locked:") || text.hasPrefix("Rss:") {
            print("  " + text.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " "))
        }
    }
}

/// Swift's own `Set` of the same keys.
func measureSet(entries count: Int) {
    let before = processMemory("VmRSS")
    var set = Set<RecipientKey>(minimumCapacity: count)
    for i in 0..<UInt64(count) { set.insert(member(i)) }
    let resident = processMemory("VmRSS") - before
    let n = 1_000_000
    let size = UInt64(count)
    let noKey = nanoseconds(n) { sink &+= stranger($0).low }
    let noMember = nanoseconds(n) { sink &+= randomMember($0, of: size).low }
    let miss = nanoseconds(n) { sink &+= set.contains(stranger($0)) ? 1 : 0 } - noKey
    let hit = nanoseconds(n) { sink &+= set.contains(randomMember($0, of: size)) ? 1 : 0 } - noMember
    let missAlone = medianAlone(200_000) { sink &+= set.contains(stranger($0)) ? 1 : 0 }
    let hitAlone = medianAlone(200_000) { sink &+= set.contains(randomMember($0, of: size)) ? 1 : 0 }
    print("Set<RecipientKey>, ns: miss \(short(miss))  hit \(short(hit)); alone miss \(short(missAlone))  hit \(short(hitAlone)); "
        + "resident \(two(Double(resident) / Double(count))) bytes/entry")
}
