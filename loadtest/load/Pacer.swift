import Foundation

/// The times at which requests are due in an open loop. They are fixed by the rate alone: an answer that comes late moves none of
/// them, and the time a request waits for a free connection counts as its latency.
struct Pacer {
    private let gap: Double
    private let isPoisson: Bool
    private var next: Double

    /// - Parameters:
    ///   - rate: requests a second.
    ///   - start: nanoseconds.
    init(rate: Double, start: UInt64, isPoisson: Bool) {
        gap = 1e9 / rate
        self.isPoisson = isPoisson
        next = Double(start)
    }

    /// When the next request is due, in nanoseconds.
    var due: UInt64 { UInt64(next) }

    mutating func advance() {
        next += isPoisson ? -log(Double.random(in: Double.leastNormalMagnitude..<1)) * gap : gap
    }
}
