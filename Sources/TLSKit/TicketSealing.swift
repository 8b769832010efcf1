import COpenSSL

/// OpenSSL's ticket key callback: AES-256-CBC and HMAC-SHA-256 (RFC 5077 section 4) with the keys of ``TLSTicketKeys``.
enum TicketSealing {
    static func install(on front: OpaquePointer) {
        let accepted = SSL_CTX_set_tlsext_ticket_key_evp_cb(front) { ssl, name, iv, cipher, mac, sealing in
            guard let name, let iv, let keys = TLSStream.transport(of: ssl)?.pointee.ticketKeys else { return -1 }
            return keys._withUnsafeGuaranteedRef {
                sealing == 1 ? TicketSealing.seal($0, name, iv, cipher, mac) : TicketSealing.open($0, name, iv, cipher, mac)
            }
        }
        guard accepted == 1 else { fatalError("OpenSSL refuses the ticket key callback") }
    }

    /// 1: ready to seal. -1: the handshake fails.
    private static func seal(
        _ keys: TLSTicketKeys, _ name: UnsafeMutablePointer<UInt8>, _ iv: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer?, _ mac: OpaquePointer?
    ) -> Int32 {
        let key = keys.sealing(now: TLSTicketKeys.clock())
        name.update(from: key.name, count: TLSTicketKeys.nameLength)
        guard RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1,
            EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.cipher, iv) == 1, authenticate(mac, key)
        else { return -1 }
        return 1
    }

    /// 1: ready to open. 2: the same, and the client should get a new ticket. 0: no key of ours, so a full handshake.
    private static func open(
        _ keys: TLSTicketKeys, _ name: UnsafeMutablePointer<UInt8>, _ iv: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer?, _ mac: OpaquePointer?
    ) -> Int32 {
        let name = UnsafeBufferPointer(start: UnsafePointer(name), count: TLSTicketKeys.nameLength)
        guard let (key, renew) = keys.opening(name, now: TLSTicketKeys.clock()) else { return 0 }
        guard EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.cipher, iv) == 1, authenticate(mac, key) else { return -1 }
        return renew ? 2 : 1
    }

    private static func authenticate(_ mac: OpaquePointer?, _ key: TLSTicketKeys.Key) -> Bool {
        shim_EVP_MAC_CTX_set_hmac_sha256(mac, key.mac, key.mac.count) == 1
    }
}
