import Glibc

/// The system calls by which the writer changes files, so that tests can make any of them fail. Every call returns -1 and
/// sets `errno` like the one it stands for.
struct FileCalls: Sendable {
    var open: @Sendable (_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 = { Glibc.open($0, $1, $2) }
    var write: @Sendable (_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int = { Glibc.write($0, $1, $2) }
    var fdatasync: @Sendable (_ file: Int32) -> Int32 = { Glibc.fdatasync($0) }
    var fsync: @Sendable (_ file: Int32) -> Int32 = { Glibc.fsync($0) }
    var rename: @Sendable (_ from: String, _ to: String) -> Int32 = { Glibc.rename($0, $1) }
    var truncate: @Sendable (_ file: Int32, _ length: Int) -> Int32 = { Glibc.ftruncate($0, $1) }
    /// Bytes an unprivileged process may still use, and bytes in all; `nil` with `errno` set.
    var space: @Sendable (_ file: Int32) -> (free: UInt64, total: UInt64)? = { file in
        var facts = statvfs()
        guard fstatvfs(file, &facts) == 0 else { return nil }
        return (UInt64(facts.f_bavail) * UInt64(facts.f_frsize), UInt64(facts.f_blocks) * UInt64(facts.f_frsize))
    }
}
