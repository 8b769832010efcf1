import Synchronization

/// A latency histogram with one bucket per power of two microseconds, from 1 µs to 67 s. One writer, any number of readers.
public final class Histogram: Sendable {
    public static let bucketCount = 27
    private let buckets: [Cell]
    private let sum = Atomic<UInt64>(0)

    final class Cell: Sendable { let value = Atomic<UInt64>(0) }

    public init() { buckets = (0..<Self.bucketCount).map { _ in Cell() } }

    /// Records one duration. Plain loads and stores: there is a single writer, so nothing is lost.
    public func record(microseconds: UInt64) {
        let index = min(64 - microseconds.leadingZeroBitCount, Self.bucketCount - 1)
        let cell = buckets[index]
        cell.value.store(cell.value.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        sum.store(sum.load(ordering: .relaxed) &+ microseconds, ordering: .relaxed)
    }

    /// Bucket `i` counts durations below `1 << i` microseconds that no smaller bucket counted; and the sum of all.
    public func snapshot() -> (counts: [UInt64], sumMicroseconds: UInt64) {
        (buckets.map { $0.value.load(ordering: .relaxed) }, sum.load(ordering: .relaxed))
    }
}
