import COpenSSL
@testable import TLSKit

extension TLSOrigin {
    /// Gives `other` the session kept here: what a client that mixes up its servers would do.
    func lendSession(to other: TLSOrigin) {
        guard let session else { return }
        SSL_SESSION_up_ref(session)
        other.keep(session)
    }
}
