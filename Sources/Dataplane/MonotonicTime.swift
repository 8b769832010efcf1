import Glibc

/// Milliseconds and microseconds on a clock that nobody can set. Read once per loop turn and passed on as an argument.
public struct MonotonicTime: Comparable, Sendable {
    /// Microseconds since an arbitrary start.
    public var microseconds: UInt64

    public init(microseconds: UInt64) { self.microseconds = microseconds }

    public var milliseconds: UInt64 { microseconds / 1000 }

    public static func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .init(microseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000)
    }

    public static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.microseconds < b.microseconds }

    /// Microseconds from `earlier` to here; 0 when `earlier` is later.
    public func since(_ earlier: MonotonicTime) -> UInt64 {
        microseconds > earlier.microseconds ? microseconds - earlier.microseconds : 0
    }
}
