import COpenSSL

/// The application protocol two peers agreed on (RFC 7301).
public enum ALPN: Sendable, Equatable {
    /// Nothing was negotiated: the peer has no ALPN, which means HTTP/1.1.
    case none
    case http1
    case http2

    /// Which protocols a client offers, in its order of preference.
    public enum Offer: Sendable, Hashable {
        case http2ThenHTTP1, onlyHTTP2, onlyHTTP1

        var wire: [UInt8] {
            switch self {
            case .http2ThenHTTP1: ALPN.http2Wire + ALPN.http1Wire
            case .onlyHTTP2: ALPN.http2Wire
            case .onlyHTTP1: ALPN.http1Wire
            }
        }
    }

    private static let http2Wire: [UInt8] = [2] + Array("h2".utf8)
    private static let http1Wire: [UInt8] = [8] + Array("http/1.1".utf8)
    /// Both protocols as the server prefers them. Never freed: OpenSSL keeps pointers into it during a handshake.
    nonisolated(unsafe) private static let serverList: UnsafeBufferPointer<UInt8> = {
        let list = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: http2Wire.count + http1Wire.count)
        _ = list.initialize(from: http2Wire + http1Wire)
        return UnsafeBufferPointer(list)
    }()

    /// What `bytes` name. The two names differ in length, so a length and a first byte decide; anything else is `none`.
    init(_ bytes: UnsafePointer<UInt8>?, _ count: UInt32) {
        switch (count, bytes?.pointee) {
        case (2, UInt8(ascii: "h")): self = .http2
        case (8, UInt8(ascii: "h")): self = .http1
        default: self = .none
        }
    }

    /// The server takes h2, else http/1.1, else ends the handshake with no_application_protocol.
    /// OpenSSL does not ask when the client sends no ALPN.
    static func installSelection(on context: OpaquePointer) {
        _ = serverList
        SSL_CTX_set_alpn_select_cb(context, { _, chosen, chosenCount, offered, offeredCount, _ in
            let list = ALPN.serverList
            var selected: UnsafeMutablePointer<UInt8>?
            let outcome = SSL_select_next_proto(
                &selected, chosenCount, list.baseAddress, UInt32(list.count), offered, offeredCount)
            guard outcome == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            chosen?.pointee = UnsafePointer(selected)
            return SSL_TLSEXT_ERR_OK
        }, nil)
    }
}
