import Bytes
import COpenSSL
@testable import TLSKit

/// A client with settings of its own: no verification, any ALPN or none, any version. What strangers bring.
final class CarelessClient {
    private let context: OpaquePointer
    private let name: String?
    private let alpn: [String]?
    /// The `SSL *` of the last connection, for what streams do not offer.
    private(set) var ssl: OpaquePointer?

    init(name: String? = "a.example", alpn: [String]? = nil, only version: Int32? = nil, suites: String? = nil, groups: String? = nil) {
        context = SSL_CTX_new(TLS_client_method())!
        self.name = name
        self.alpn = alpn
        SSL_CTX_set_security_level(context, 0)
        if let version {
            _ = shim_SSL_CTX_set_min_proto_version(context, version)
            _ = shim_SSL_CTX_set_max_proto_version(context, version)
        }
        if let suites { SSL_CTX_set_cipher_list(context, suites) }
        if let groups { _ = shim_SSL_CTX_set1_groups_list(context, groups) }
    }

    deinit { SSL_CTX_free(context) }

    func connect(fd: Int32, output: UnsafeMutablePointer<GrowableBytes>) -> TLSStream {
        let ssl = SSL_new(context)!
        self.ssl = ssl
        SSL_set_connect_state(ssl)
        if let name { _ = shim_SSL_set_tlsext_host_name(ssl, name) }
        if let alpn {
            let wire = alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            SSL_set_alpn_protos(ssl, wire, UInt32(wire.count))
        }
        let transport = UnsafeMutablePointer<TLSTransport>.allocate(capacity: 1)
        transport.initialize(to: TLSTransport(fd: fd, output: output))
        return TLSStream(ssl, transport)
    }
}
