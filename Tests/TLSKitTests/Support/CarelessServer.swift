import Bytes
import COpenSSL
@testable import TLSKit

/// A server that shows one certificate to everybody, whatever name is asked for: what a broken or hostile provider does, and
/// ``TLSServerContext`` never does.
final class CarelessServer {
    private let context: OpaquePointer

    init(_ files: TLSServerSettings.CertificateFiles, now: Int64 = UnixTime.now(), only version: TLSVersion? = nil, suites: String? = nil) throws {
        context = TLSProfile.makeContext(TLS_server_method(), minimum: .tls12, releasesBuffers: true)
        let pair = try KeyPair(chain: files.chain, key: files.key, now: now)
        try TLSProfile.install(pair.chain, pair.key, in: context, file: files.chain)
        if version == .tls12 { _ = shim_SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) }
        if let suites { SSL_CTX_set_cipher_list(context, suites) }
    }

    deinit { SSL_CTX_free(context) }

    func accept(fd: Int32, output: UnsafeMutablePointer<GrowableBytes>) -> TLSStream {
        let ssl = SSL_new(context)!
        SSL_set_accept_state(ssl)
        let transport = UnsafeMutablePointer<TLSTransport>.allocate(capacity: 1)
        transport.initialize(to: TLSTransport(fd: fd, output: output))
        return TLSStream(ssl, transport)
    }
}
