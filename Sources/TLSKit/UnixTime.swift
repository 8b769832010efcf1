import Glibc

/// The wall clock, by which certificates expire.
public enum UnixTime {
    /// Seconds since 1970.
    public static func now() -> Int64 { Int64(time(nil)) }
}
