import Glibc

/// What the process asks of the kernel before it opens anything.
public enum ProcessSetup {
    /// No core dumps (they would hold identifiers and keys), no death by a closed pipe, as many descriptors as we may have,
    /// files that only we can read.
    /// - Returns: the limit on open descriptors.
    @discardableResult
    public static func apply() -> Int {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        signal(SIGPIPE, SIG_IGN)
        umask(0o077)
        var files = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else { return 0 }
        files.rlim_cur = files.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        return Int(clamping: files.rlim_cur)
    }
}
