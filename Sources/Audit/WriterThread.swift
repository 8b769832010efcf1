import Glibc

/// Runs a writer on a thread of its own, to the end.
@safe final class WriterThread: @unchecked Sendable {
    private var thread = pthread_t()
    private let lock = ConditionLock()
    private var isJoined = false

    init(_ writer: AuditWriter) throws(AuditFailure) {
        // Signals are for the other threads: the writer's calls are not to be interrupted.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let launch = Unmanaged.passRetained(writer)
        let failure = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<AuditWriter>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, launch.toOpaque())
        guard failure == 0 else {
            launch.release()
            isJoined = true
            throw .system(.thread, path: "the audit log", errno: failure)
        }
    }

    /// Waits for the writer's end. May be called more than once and from any thread.
    func join() {
        lock.lock()
        defer { lock.unlock() }
        guard !isJoined else { return }
        isJoined = true
        pthread_join(thread, nil)
    }
}
