import Glibc
import COpenSSL

/// The keys session tickets are sealed with: in memory only, shared by all workers of the process, never written anywhere.
/// A key seals for one period (a day) and opens for one more; then what it sealed is refused and the client shakes hands in full.
///
/// Thread safe: one short lock per handshake that touches a ticket. (`pthread_mutex`, not `Mutex`, which ThreadSanitizer
/// reports falsely.)
public final class TLSTicketKeys: @unchecked Sendable {
    static let nameLength = 16

    struct Key {
        let name: [UInt8]
        let cipher: [UInt8]
        let mac: [UInt8]

        static func random() -> Key {
            Key(
                name: MessageAuthentication.randomBytes(nameLength), cipher: MessageAuthentication.randomBytes(32),
                mac: MessageAuthentication.randomBytes(32))
        }
    }

    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let period: Int64
    private var current = Key.random()
    private var previous: Key?
    private var rotatesAt: Int64

    /// - Parameters:
    ///   - period: seconds a key seals for.
    ///   - now: seconds of a clock that only goes forward; the same that the other calls are given.
    public init(period: Int64 = 86_400, now: Int64 = TLSTicketKeys.clock()) {
        precondition(period > 0)
        self.period = period
        rotatesAt = now + period
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Seconds since boot, sleep included.
    public static func clock() -> Int64 {
        var instant = timespec()
        clock_gettime(CLOCK_BOOTTIME, &instant)
        return Int64(instant.tv_sec)
    }

    /// The key that seals now.
    func sealing(now: Int64) -> Key {
        locked {
            rotate(now)
            return current
        }
    }

    /// The key called `name`, and whether its ticket should be replaced; `nil` for a name that is unknown or too old.
    func opening(_ name: UnsafeBufferPointer<UInt8>, now: Int64) -> (key: Key, renew: Bool)? {
        locked {
            rotate(now)
            if current.name.elementsEqual(name) { return (current, false) }
            if let previous, previous.name.elementsEqual(name) { return (previous, true) }
            return nil
        }
    }

    private func rotate(_ now: Int64) {
        guard now >= rotatesAt else { return }
        // After two silent periods even the current key is too old to open with.
        previous = now < rotatesAt + period ? current : nil
        current = .random()
        rotatesAt = now + period
    }

    private func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}
