import Glibc

/// Writes small files whole or not at all: aside, synced, then moved into place.
enum AtomicFile {
    /// - Parameter replace: whether a file of that name may be there already. When not, an existing one is left as it is.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t, replace: Bool) throws(TLSProblem) {
        let directory = directory(of: path)
        // Random, because two processes may write the same name at once; in the same directory, because a rename must not cross disks.
        let suffix = MessageAuthentication.randomBytes(8).map { String($0, radix: 16) }.joined()
        let aside = "\(directory)/.stopgate-\(suffix).tmp"
        let fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard fd >= 0 else { throw problem(path, errno) }
        defer { unlink(aside) }
        let error = fill(fd, bytes, mode)
        close(fd)
        guard error == 0 else { throw problem(path, error) }
        // A link fails when the name is taken, which a rename would overwrite.
        guard (replace ? rename(aside, path) : link(aside, path)) == 0 else { throw problem(path, errno) }
        let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw problem(directory, errno) }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw problem(directory, errno) }
    }

    /// 0, or the errno of what failed. The mode is set again because the umask may have narrowed it.
    private static func fill(_ fd: Int32, _ bytes: [UInt8], _ mode: mode_t) -> Int32 {
        guard fchmod(fd, mode) == 0 else { return errno }
        var written = 0
        while written < bytes.count {
            let n = bytes.withUnsafeBytes { Glibc.write(fd, $0.baseAddress! + written, $0.count - written) }
            if n >= 0 { written += n } else if errno != EINTR { return errno }
        }
        return fsync(fd) == 0 ? 0 : errno
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func problem(_ path: String, _ error: Int32) -> TLSProblem {
        error == EEXIST
            ? TLSProblem(file: path, what: "is there already", remedy: "Keep it, or move it away first: nothing was overwritten.")
            : TLSProblem(
                file: path, what: "cannot be written: \(String(cString: strerror(error)))",
                remedy: "Check that the directory exists and that this user may write to it.")
    }
}
