import COpenSSL
import Glibc

/// Why a TLS connection was lost. Plain numbers, so that keeping one costs nothing; the text is made when somebody reads it.
public struct TLSFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: UInt8, Sendable {
        /// The peer ended the TCP stream without close_notify: what was read may have been cut short.
        case truncated
        /// recv failed; `detail` is its errno.
        case socket
        /// The peer's certificate was refused; `detail` is OpenSSL's X509_V_ERR number.
        case certificate
        /// Server: the client asked for a name no certificate covers, ``TLSTransport/refusedServerName``.
        case unknownServerName
        /// Server: the client named no server where it must.
        case missingServerName
        /// Anything else that TLS refused, in either direction, including an alert from the peer.
        case handshakeOrRecord
    }

    public let kind: Kind
    /// OpenSSL's packed error code, 0 when it left none.
    public let code: UInt
    public let detail: Int32

    /// The number of the alert the peer sent (RFC 8446 section 6), if that is what ended the connection.
    public var alertReceived: UInt8? {
        let reason = Int32(ERR_GET_REASON(code))
        guard kind == .handshakeOrRecord, ERR_GET_LIB(code) == ERR_LIB_SSL, reason >= 1000, reason < 1256 else { return nil }
        return UInt8(reason - 1000)
    }

    public var description: String {
        switch kind {
        case .truncated: "the peer closed the connection without a TLS close_notify"
        case .socket: "recv failed: \(String(cString: strerror(detail)))"
        case .certificate: "certificate refused: \(String(cString: X509_verify_cert_error_string(Int(detail))))"
        case .unknownServerName: "no certificate covers the server name the client asked for"
        case .missingServerName: "the client named no server (SNI), and there is no default certificate"
        case .handshakeOrRecord: code == 0 ? "TLS failed without a reason" : "TLS: \(Self.reason(code))"
        }
    }

    static func reason(_ code: UInt) -> String {
        guard let text = ERR_reason_error_string(code) else { return "OpenSSL error \(code)" }
        return String(cString: text)
    }

    /// Takes the reason of the call that just failed on `ssl` and leaves the thread's error queue empty: a stale entry there
    /// would be blamed on the next connection that asks.
    static func take(
        _ ssl: OpaquePointer, _ sslError: Int32, _ transport: UnsafeMutablePointer<TLSTransport>
    ) -> TLSFailure {
        let code = ERR_peek_error()
        ERR_clear_error()
        let socketError = transport.pointee.socketError
        if socketError != 0 { return TLSFailure(kind: .socket, code: code, detail: socketError) }
        if let refusal = transport.pointee.refusal { return TLSFailure(kind: refusal, code: code, detail: 0) }
        if sslError == SSL_ERROR_SYSCALL { return TLSFailure(kind: .truncated, code: code, detail: 0) }
        switch (ERR_GET_LIB(code), ERR_GET_REASON(code)) {
        case (ERR_LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING):
            return TLSFailure(kind: .truncated, code: code, detail: 0)
        case (ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED):
            return TLSFailure(kind: .certificate, code: code, detail: Int32(truncatingIfNeeded: SSL_get_verify_result(ssl)))
        default:
            return TLSFailure(kind: .handshakeOrRecord, code: code, detail: 0)
        }
    }
}
