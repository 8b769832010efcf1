import Glibc

/// One moment on two clocks. A worker reads it once per loop turn and stamps every record of that turn with it.
public struct AuditInstant: Hashable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z by the system's clock, which may be set.
    public var wall: Int64
    /// Nanoseconds by CLOCK_MONOTONIC, which is never set back while the machine runs.
    public var monotonic: UInt64

    public init(wall: Int64, monotonic: UInt64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// Reads both clocks. Two calls into the vDSO, no system call.
    public static func now() -> AuditInstant {
        var real = timespec()
        var steady = timespec()
        clock_gettime(CLOCK_REALTIME, &real)
        clock_gettime(CLOCK_MONOTONIC, &steady)
        return AuditInstant(
            wall: Int64(real.tv_sec) * 1_000_000 + Int64(real.tv_nsec) / 1_000,
            monotonic: UInt64(steady.tv_sec) * 1_000_000_000 + UInt64(steady.tv_nsec))
    }
}
