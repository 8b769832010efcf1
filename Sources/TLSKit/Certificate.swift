import COpenSSL
import Glibc

/// Owns one parsed X.509 certificate.
final class Certificate {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    /// The DNS names of the subject alternative name, lower case. Empty without the extension.
    var dnsNames: [String] {
        names(GEN_DNS).map { name in String(decoding: name.utf8.map(DNSName.lowercase), as: UTF8.self) }
    }

    /// See ``TLSStream/peerCertificateSubject``.
    var identity: String? {
        if let uri = names(GEN_URI).first { return "uri:" + uri }
        if let email = names(GEN_EMAIL).first { return "email:" + email }
        return dnsNames.first.map { "dns:" + $0 }
    }

    var notBefore: Int64 { Self.unixTime(X509_get0_notBefore(pointer)) }
    var notAfter: Int64 { Self.unixTime(X509_get0_notAfter(pointer)) }

    /// Whether the certificate names clientAuth among its extended key usages. One without the extension does not.
    var namesClientAuth: Bool { Self.namesClientAuth(pointer) }

    static func namesClientAuth(_ pointer: OpaquePointer?) -> Bool {
        let flags = X509_get_extension_flags(pointer)
        guard flags & UInt32(EXFLAG_XKUSAGE) != 0, flags & UInt32(EXFLAG_INVALID) == 0 else { return false }
        return X509_get_extended_key_usage(pointer) & UInt32(XKU_SSL_CLIENT) != 0
    }

    /// The kind of public key ("EC", "RSA", ...): OpenSSL keeps one certificate of each kind in a context.
    var keyKind: String {
        guard let key = X509_get0_pubkey(pointer), let name = EVP_PKEY_get0_type_name(key) else { return "unknown" }
        return String(cString: name)
    }

    /// The alternative names of one type. A name with a byte outside printable ASCII ends the list as if there were none:
    /// such bytes (a NUL, say) are how two readers are made to see two names.
    private func names(_ type: Int32) -> [String] {
        guard let decoded = X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else { return [] }
        let list = OpaquePointer(decoded)
        defer { GENERAL_NAMES_free(list) }
        var found: [String] = []
        for index in 0..<shim_sk_GENERAL_NAME_num(list) {
            guard let string = shim_GENERAL_NAME_string(shim_sk_GENERAL_NAME_value(list, index), type) else { continue }
            let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
            guard !bytes.isEmpty, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return [] }
            found.append(String(decoding: bytes, as: UTF8.self))
        }
        return found
    }

    /// Seconds since 1970. A time OpenSSL cannot read counts as long past.
    private static func unixTime(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return .min }
        return Int64(timegm(&parts))
    }
}
