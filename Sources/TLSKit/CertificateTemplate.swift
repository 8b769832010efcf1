import COpenSSL

/// A certificate that is about to be signed: X.509 version 3, a fresh P-256 key, ECDSA with SHA-256 (RFC 5280 names throughout).
struct CertificateTemplate {
    /// Read by people only; identity is in `alternativeNames`.
    var commonName: String
    /// In OpenSSL's notation: "DNS:api.example.com", "IP:127.0.0.1". The caller has checked each of them.
    var alternativeNames: [String] = []
    /// In OpenSSL's notation, "permitted;DNS:example.com". Only for a CA.
    var nameConstraints: [String] = []
    /// "serverAuth" or "clientAuth"; `nil` leaves the extension out.
    var extendedKeyUsage: String?
    var isAuthority = false
    /// Seconds since 1970.
    var notBefore: Int64
    var notAfter: Int64

    struct Signed {
        let certificate: Certificate
        let key: PrivateKey
    }

    /// Makes a key and the certificate over it, signed by `issuer`, or by itself when there is none.
    /// Errors: an extension text that OpenSSL cannot read.
    func sign(by issuer: Signed?) throws(TLSProblem) -> Signed {
        guard let pointer = X509_new(), let keyPointer = shim_EVP_EC_gen_P256() else { fatalError("OpenSSL cannot make a P-256 key") }
        let signed = Signed(certificate: Certificate(owning: pointer), key: PrivateKey(owning: keyPointer))
        let subject = X509_get_subject_name(pointer)
        guard X509_set_version(pointer, Int(X509_VERSION_3)) == 1,
            X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, "Stopgate", -1, -1, 0) == 1,
            X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, commonName, -1, -1, 0) == 1,
            X509_set_issuer_name(pointer, issuer.map { X509_get_subject_name($0.certificate.pointer) } ?? subject) == 1,
            Self.setRandomSerial(pointer),
            ASN1_TIME_set(X509_getm_notBefore(pointer), Int(notBefore)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(pointer), Int(notAfter)) != nil,
            X509_set_pubkey(pointer, keyPointer) == 1
        else { throw Self.refused("the certificate's fields") }
        try addExtensions(to: pointer, issuer: issuer?.certificate.pointer ?? pointer)
        guard X509_sign(pointer, issuer?.key.pointer ?? keyPointer, EVP_sha256()) > 0 else { throw Self.refused("the signature") }
        return signed
    }

    private func addExtensions(to certificate: OpaquePointer, issuer: OpaquePointer) throws(TLSProblem) {
        var extensions: [(nid: Int32, value: String)] = [
            (NID_basic_constraints, isAuthority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE"),
            (NID_key_usage, isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature"),
            (NID_subject_key_identifier, "hash"),
        ]
        if issuer != certificate { extensions.append((NID_authority_key_identifier, "keyid")) }
        if let extendedKeyUsage { extensions.append((NID_ext_key_usage, extendedKeyUsage)) }
        if !alternativeNames.isEmpty { extensions.append((NID_subject_alt_name, alternativeNames.joined(separator: ","))) }
        if !nameConstraints.isEmpty { extensions.append((NID_name_constraints, "critical," + nameConstraints.joined(separator: ","))) }
        var context = X509V3_CTX()
        shim_X509V3_set_ctx_nodb(&context)
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        for (nid, value) in extensions {
            guard let made = X509V3_EXT_conf_nid(nil, &context, nid, value) else { throw Self.refused("'\(value)'") }
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(certificate, made, -1) == 1 else { throw Self.refused("'\(value)'") }
        }
    }

    /// 127 random bits: positive, and never given twice.
    private static func setRandomSerial(_ certificate: OpaquePointer) -> Bool {
        var bytes = MessageAuthentication.randomBytes(16)
        bytes[0] = bytes[0] & 0x7f | 0x40
        guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { return false }
        defer { BN_free(number) }
        return BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
    }

    private static func refused(_ part: String) -> TLSProblem {
        defer { ERR_clear_error() }
        return TLSProblem(
            file: "certificate", what: "OpenSSL refuses \(part) (\(TLSFailure.reason(ERR_peek_last_error())))",
            remedy: "Check the names; they are host names and IP addresses only.")
    }
}

extension CertificateTemplate.Signed {
    var certificatePEM: [UInt8] {
        Self.text { PEM_write_bio_X509($0, certificate.pointer) }
    }

    /// PKCS #8, not encrypted.
    var keyPEM: [UInt8] {
        Self.text { PEM_write_bio_PrivateKey($0, key.pointer, nil, nil, 0, nil, nil) }
    }

    private static func text(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
        // Secure memory is wiped when it is freed.
        guard let bio = BIO_new(BIO_s_secmem()), write(bio) == 1 else { fatalError("out of memory: PEM") }
        defer { BIO_free(bio) }
        var data: UnsafeMutablePointer<CChar>?
        let count = shim_BIO_get_mem_data(bio, &data)
        return Array(UnsafeRawBufferPointer(start: data, count: count))
    }
}
