import Hummingbird
import NIOCore

/// What travels with one call to the admin API.
struct AdminContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Set by ``AdminCredential``; without it nothing is allowed.
    var caller: AdminCaller?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Bytes of a JSON body.
    var maxUploadSize: Int { 1 << 20 }
}

/// By which of its two doors a call came in.
enum AdminDoor: Sendable {
    /// The Unix socket. The kernel says who is on the other end.
    case socket
    /// The port on a loopback address. Anybody on the machine may call, and a browser may be made to.
    case port
}
