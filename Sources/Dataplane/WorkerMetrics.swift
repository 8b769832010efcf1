import Synchronization

/// The numbers one worker keeps. Written by the worker alone with plain loads and stores, read by the metrics endpoint.
public final class WorkerMetrics: Sendable {
    /// A verdict as the request counters know it.
    public enum Outcome: Int, CaseIterable, Sendable {
        case allowed, stripped, rejected, refused, passed, monitored, failed
    }

    /// Providers beyond this many share the last row.
    public static let providerLimit = 64
    public static let causeLimit = 128

    // Never reassigned; its cells are only touched atomically.
    nonisolated(unsafe) private let counters: UnsafeMutablePointer<UInt64>
    private static let providerBase = Counter.allCases.count
    private static let causeBase = providerBase + providerLimit * Outcome.allCases.count
    private static let gaugeBase = causeBase + causeLimit
    private static let size = gaugeBase + Gauge.allCases.count

    public enum Gauge: Int, CaseIterable, Sendable {
        case clientConnections, upstreamConnections, exchanges, bufferedBytes, parked, loopTurn
    }

    public let inspection = Histogram()
    public let auditWait = Histogram()
    public let upstream = Histogram()
    public let total = Histogram()

    init() {
        counters = .allocate(capacity: Self.size)
        counters.initialize(repeating: 0, count: Self.size)
    }

    deinit { counters.deallocate() }

    @inline(__always) private func cell(_ index: Int) -> UnsafePointer<Atomic<UInt64>> {
        // Atomic<UInt64> has UInt64's layout; the block is allocated once and never moves.
        UnsafeRawPointer(counters + index).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    @inline(__always) private func bump(_ index: Int, by n: UInt64) {
        let cell = cell(index)
        cell.pointee.store(cell.pointee.load(ordering: .relaxed) &+ n, ordering: .relaxed)
    }

    @inline(__always) func add(_ counter: Counter, _ n: Int = 1) { bump(counter.rawValue, by: UInt64(n)) }

    func count(provider: Int, _ outcome: Outcome) {
        let row = min(max(provider, 0), Self.providerLimit - 1)
        bump(Self.providerBase + row * Outcome.allCases.count + outcome.rawValue, by: 1)
    }

    func count(cause: Int) { bump(Self.causeBase + min(max(cause, 0), Self.causeLimit - 1), by: 1) }

    @inline(__always) func set(_ gauge: Gauge, _ value: Int) {
        cell(Self.gaugeBase + gauge.rawValue).pointee.store(UInt64(max(value, 0)), ordering: .relaxed)
    }

    public func value(_ counter: Counter) -> UInt64 { cell(counter.rawValue).pointee.load(ordering: .relaxed) }
    public func value(_ gauge: Gauge) -> UInt64 { cell(Self.gaugeBase + gauge.rawValue).pointee.load(ordering: .relaxed) }
    public func value(cause: Int) -> UInt64 { cell(Self.causeBase + cause).pointee.load(ordering: .relaxed) }
    public func value(provider: Int, _ outcome: Outcome) -> UInt64 {
        cell(Self.providerBase + provider * Outcome.allCases.count + outcome.rawValue).pointee.load(ordering: .relaxed)
    }
}
