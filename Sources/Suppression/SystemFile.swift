import Glibc

/// Owns one file descriptor. Every call goes on after EINTR and short transfers, and reports what failed with the path.
struct SystemFile: ~Copyable {
    let descriptor: Int32
    let path: String
    private let holdsLock: Bool

    init(descriptor: Int32, path: String, holdsLock: Bool = false) {
        self.descriptor = descriptor
        self.path = path
        self.holdsLock = holdsLock
    }

    init(reading path: String) throws(SuppressionError) {
        self.init(descriptor: open(path, O_RDONLY | O_CLOEXEC), path: path)
        if descriptor < 0 { throw Self.failure("open", path) }
    }

    /// A new file that only its owner may read.
    init(creating path: String) throws(SuppressionError) {
        self.init(descriptor: open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600), path: path)
        if descriptor < 0 { throw Self.failure("open", path) }
    }

    /// A directory, held by this process alone for as long as the value lives.
    init(lockingDirectory path: String) throws(SuppressionError) {
        self.init(descriptor: open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path: path, holdsLock: true)
        if descriptor < 0 { throw Self.failure("open", path) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            throw errno == EWOULDBLOCK ? .inUse(path: path) : Self.failure("flock", path)
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child that was forked and has yet to call `exec` shares the descriptor and with it the lock.
        if holdsLock { flock(descriptor, LOCK_UN) }
        close(descriptor)
    }

    var size: UInt64 {
        get throws(SuppressionError) {
            var status = stat()
            if fstat(descriptor, &status) != 0 { throw Self.failure("fstat", path) }
            return UInt64(status.st_size)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SuppressionError) {
        var done = 0
        while done < bytes.count {
            let n = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
            if n < 0 && errno == EINTR { continue }
            if n <= 0 { throw Self.failure("write", path) }
            done += n
        }
    }

    /// Fills `bytes` from `offset`.
    /// - Returns: how many bytes there were; fewer than asked for only at the end of the file.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SuppressionError) -> Int {
        var done = 0
        while done < bytes.count {
            let n = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
            if n < 0 && errno == EINTR { continue }
            if n < 0 { throw Self.failure("read", path) }
            if n == 0 { break }
            done += n
        }
        return done
    }

    func truncate(to size: UInt64) throws(SuppressionError) {
        if ftruncate(descriptor, off_t(size)) != 0 { throw Self.failure("ftruncate", path) }
    }

    /// A failure is final: the kernel may have dropped the pages and reports success the next time.
    func synchronise() throws(SuppressionError) {
        if fsync(descriptor) != 0 { throw Self.failure("fsync", path) }
    }

    /// Lets the kernel forget its copy of the file, which must be synced. What is mapped next is then read in the largest
    /// pages the kernel has, rather than in those the writing happened to leave. Advice: may do nothing.
    func dropCache() { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) }

    static func failure(_ call: String, _ path: String) -> SuppressionError {
        .system(call: call, path: path, errno: errno)
    }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
