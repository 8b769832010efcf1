import Glibc
import Recipients
import Suppression
import Synchronization

/// Look-ups by one thread, timed one by one, before and while another compacts; and changes go on.
func measureCompaction(entries count: Int, in directory: String) throws {
    let index = try SuppressionIndex(directory: directory, secretID: 1)
    if index.state(of: member(UInt64(count - 1))).isEmpty {
        let rebuild = try index.beginRebuild(.everything)
        for i in 0..<UInt64(count) { try rebuild.add(member(i), .phoneMessages, source: .event) }
        try rebuild.commit(ledgerPosition: 1)
    }
    index.markReady()
    let changes = (0..<100_000).map { SuppressionChange(key: stranger(1 << 50 + UInt64($0)), channels: .all) }
    try index.apply(changes, ledgerPosition: 2)
    let reader = try index.makeReader()
    var switches = involuntarySwitches()
    let idle = histogram(reader, UInt64(count)) { $0 < 5_000_000 }
    report("idle", idle, switches: involuntarySwitches() - switches)

    let finished = Atomic<Bool>(false)
    try withThread({
        let start = now()
        let startCPU = threadTime()
        do { try index.compact() } catch { print("\(error)") }
        print("compaction of \(count) entries and 100000 changes: \(two(Double(now() - start) / 1e9)) s wall, "
            + "\(two(Double(threadTime() - startCPU) / 1e9)) s CPU")
        finished.store(true, ordering: .releasing)
    }) {
        switches = involuntarySwitches()
        let busy = histogram(reader, UInt64(count)) { _ in !finished.load(ordering: .acquiring) }
        report("during compaction", busy, switches: involuntarySwitches() - switches)
    }
    reader.quiesce()
    print("views still held after the reader's next turn: \(index.reclaim())")
}

/// Counts of look-ups by time: bucket b holds those of 2^b up to 2^(b+1) ns, clock included.
private func histogram(_ reader: SuppressionReader, _ size: UInt64, while goOn: (UInt64) -> Bool) -> [UInt64] {
    var buckets = [UInt64](repeating: 0, count: 40)
    var i: UInt64 = 0
    while goOn(i) {
        let key = i & 7 == 0 ? randomMember(i, of: size) : stranger(i)
        let start = now()
        sink &+= UInt64(reader.blockedChannels(key).rawValue)
        let time = now() - start
        buckets[63 - max(time, 1).leadingZeroBitCount] += 1
        i += 1
        if i & 63 == 0 { reader.quiesce() }
    }
    return buckets
}

private func report(_ name: String, _ buckets: [UInt64], switches: Int) {
    let all = buckets.reduce(0, +)
    print("\(name): \(all) look-ups, one in eight a hit, each timed with the clock's own cost")
    let slow = buckets[16...].reduce(0, +)
    print("  over 65 us: \(slow); the kernel took the core away \(switches) times meanwhile")
    var below: UInt64 = 0
    for (b, n) in buckets.enumerated() where n > 0 {
        below += n
        print("  < \(UInt64(2) << UInt64(b)) ns: \(n) (not yet here: \(all - below))")
    }
}

/// Runs `work` on a thread of its own while `body` runs on this one.
private func withThread(_ work: @escaping @Sendable () -> Void, _ body: () -> Void) throws {
    final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    var thread = pthread_t()
    let made = pthread_create(
        &thread, nil,
        { raw in
            Unmanaged<Box>.fromOpaque(raw!).takeRetainedValue().work()
            return nil
        }, Unmanaged.passRetained(Box(work)).toOpaque())
    precondition(made == 0, "pthread_create failed")
    body()
    pthread_join(thread, nil)
}
