import COpenSSL
import Glibc

/// One TLS connection: owns an `SSL *` and the ``TLSTransport`` its bytes go through. Moved, never copied; freed exactly once.
/// Made by ``TLSServerContext/accept(fd:output:)`` or ``TLSClientContext/connect(fd:origin:output:)``.
///
/// Used by one thread. The socket stays the caller's: freeing the stream does not close it.
/// Cost: no call allocates in Swift or counts a reference; `read` and `write` are one OpenSSL call each.
@safe public struct TLSStream: ~Copyable {
    private let ssl: OpaquePointer
    /// Socket, flags and ciphertext sink. Valid while the stream lives.
    public let transport: UnsafeMutablePointer<TLSTransport>
    /// Client: the origin whose last session the callbacks keep. Held here because C points at it.
    private let origin: TLSOrigin?

    init(_ ssl: OpaquePointer, _ transport: UnsafeMutablePointer<TLSTransport>, origin: TLSOrigin? = nil) {
        self.ssl = ssl
        self.transport = transport
        self.origin = origin
        let bio = TLSTransport.makeBIO(transport)
        SSL_set_bio(ssl, bio, bio)
        guard SSL_set_ex_data(ssl, Self.transportIndex, transport) == 1 else { fatalError("out of memory: SSL ex_data") }
    }

    deinit {
        // A session whose connection is freed without close_notify would be marked as not resumable, which TLS has not asked for
        // since 1.1 (RFC 5246 section 7.2.1). One that failed stays marked.
        if transport.pointee.failure == nil { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        SSL_free(ssl)
        transport.deinitialize(count: 1)
        transport.deallocate()
    }

    /// The slot of an `SSL *` that holds its transport, for callbacks that are given only the `SSL *`.
    private static let transportIndex: Int32 = {
        let index = shim_SSL_get_new_ex_index()
        precondition(index >= 0, "out of memory: SSL ex_data index")
        return index
    }()

    static func transport(of ssl: OpaquePointer?) -> UnsafeMutablePointer<TLSTransport>? {
        SSL_get_ex_data(ssl, transportIndex)?.assumingMemoryBound(to: TLSTransport.self)
    }

    /// Goes on with the handshake. `moved(0)` once it is complete; then ``alpn`` and the names can be asked.
    public func handshake() -> TLSStep {
        guard transport.pointee.failure == nil else { return .failed }
        let result = SSL_do_handshake(ssl)
        return result == 1 ? .moved(0) : step(result)
    }

    /// Whether the handshake is complete.
    public var isEstablished: Bool { SSL_is_init_finished(ssl) == 1 }

    /// Decrypts into `buffer`: at most one record (16 KiB) a call. Call until it says something other than `moved`: OpenSSL
    /// reads ahead, and no edge will announce what it already holds.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSStep {
        guard transport.pointee.failure == nil else { return .failed }
        guard buffer.count > 0 else { return .moved(0) }
        // With nothing on the socket and nothing read ahead, OpenSSL would take a buffer and go through all its layers to say so.
        if transport.pointee.drained, SSL_has_pending(ssl) == 0 { return .wantsRead }
        var count = 0
        let result = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        return result == 1 ? .moved(count) : step(result)
    }

    /// Encrypts all of `bytes` into the output, in records of up to 16 KiB: `moved(bytes.count)` or `failed`. Never waits.
    /// `wantsRead` is possible only before the handshake is complete.
    public func write(_ bytes: UnsafeRawBufferPointer) -> TLSStep {
        guard transport.pointee.failure == nil else { return .failed }
        guard bytes.count > 0 else { return .moved(0) }
        var count = 0
        let result = SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count)
        return result == 1 ? .moved(count) : step(result)
    }

    /// Puts close_notify into the output: `moved(0)`. Does nothing before the handshake is complete or after a failure,
    /// where TLS does not allow it. The engine sends the output and closes the socket when it likes.
    public func shutdown() -> TLSStep {
        guard transport.pointee.failure == nil else { return .failed }
        guard isEstablished else { return .moved(0) }
        let result = SSL_shutdown(ssl)
        return result >= 0 ? .moved(0) : step(result)
    }

    /// Whether the record buffers, some 33 KiB, stay between records: for a connection that is busy. Otherwise each record allocates
    /// them and gives them back, as on every connection that a server accepts: most of thousands are idle.
    public func keepBuffers(_ keep: Bool) {
        guard !keep else {
            _ = shim_SSL_clear_mode(ssl, Int(SSL_MODE_RELEASE_BUFFERS))
            return
        }
        _ = shim_SSL_set_mode(ssl, Int(SSL_MODE_RELEASE_BUFFERS))
        // Those that hold something unread are given back with the record that empties them.
        if SSL_has_pending(ssl) == 0 { _ = SSL_free_buffers(ssl) }
    }

    /// Why the last call answered `failed`.
    public var failure: TLSFailure? { transport.pointee.failure }

    /// Whether plaintext or ciphertext waits inside OpenSSL, so that `read` can do something without a receive.
    public var hasBuffered: Bool { SSL_has_pending(ssl) == 1 }

    @inline(never)
    private func step(_ result: Int32) -> TLSStep {
        let error = SSL_get_error(ssl, result)
        switch error {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_ZERO_RETURN: return .closed
        default:
            transport.pointee.failure = .take(ssl, error, transport)
            return .failed
        }
    }
}

extension TLSStream {
    /// What the handshake agreed on. A server treats `none` as HTTP/1.1.
    public var alpn: ALPN {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        return ALPN(name, count)
    }

    /// The server name of the handshake (SNI) as it was sent, without a copy; empty when there was none. Valid while the
    /// stream lives and is not in a handshake.
    public var serverName: UnsafeBufferPointer<UInt8> {
        guard let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return .init(start: nil, count: 0) }
        let count = strlen(name)
        return UnsafeBufferPointer(start: UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// Whether `host` is the server name of the handshake, ASCII letters compared without case. For checking `Host` and
    /// `:authority` against SNI. Complexity: linear in `host`, no allocation.
    public func isServerName(_ host: UnsafeBufferPointer<UInt8>) -> Bool {
        let name = serverName
        guard name.count == host.count, let a = name.baseAddress, let b = host.baseAddress else { return name.count == host.count }
        if memcmp(a, b, name.count) == 0 { return true }
        for index in 0..<host.count where DNSName.lowercase(host[index]) != DNSName.lowercase(name[index]) { return false }
        return true
    }

    /// Whether this connection resumed an earlier session instead of showing certificates.
    public var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    public var protocolVersion: TLSVersion { SSL_version(ssl) == TLS1_3_VERSION ? .tls13 : .tls12 }

    /// The cipher suite's name as OpenSSL spells it, for logs. Allocates.
    public var cipherSuite: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) }

    /// Who the peer's verified certificate says it is, from its subject alternative names only (never the common name): the
    /// first URI as `uri:…`, else the first e-mail address as `email:…`, else the first DNS name as `dns:…`. `nil` without a
    /// certificate, with none of these names, or with a name that is not printable ASCII. Allocates.
    public var peerCertificateSubject: String? {
        guard SSL_get_verify_result(ssl) == Int(X509_V_OK), let pointer = SSL_get1_peer_certificate(ssl) else { return nil }
        return Certificate(owning: pointer).identity
    }
}
