import COpenSSL
import Glibc

/// Owns one parsed certificate revocation list.
final class RevocationList {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_CRL_free(pointer) }

    /// Whether its next update is due at `now`, or it never says when. A stale list cannot be told from a withheld one.
    func isStale(at now: Int64) -> Bool {
        var instant = time_t(now)
        guard let next = X509_CRL_get0_nextUpdate(pointer) else { return true }
        return X509_cmp_time(next, &instant) <= 0
    }
}
