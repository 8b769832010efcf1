@testable import TLSKit

/// Makes certificates that ``LocalCA`` would refuse to: expired, for the wrong use, signed by nobody.
struct Forge {
    static let day: Int64 = 86_400
    let directory: TemporaryDirectory
    let authority: CertificateTemplate.Signed
    let authorityFile: String

    init(_ directory: TemporaryDirectory, name: String = "ca") throws {
        self.directory = directory
        let now = UnixTime.now()
        authority = try CertificateTemplate(
            commonName: name, isAuthority: true, notBefore: now - Self.day, notAfter: now + 30 * Self.day
        ).sign(by: nil)
        authorityFile = try directory.write(authority.certificatePEM, to: "\(name)-\(UInt64.random(in: 0 ... .max)).pem")
    }

    func pair(
        _ names: [String], usage: String? = "serverAuth", from: Int64 = -day, to: Int64 = 10 * day, selfSigned: Bool = false
    ) throws -> TLSServerSettings.CertificateFiles {
        let now = UnixTime.now()
        let signed = try CertificateTemplate(
            commonName: "leaf", alternativeNames: names, extendedKeyUsage: usage, notBefore: now + from, notAfter: now + to
        ).sign(by: selfSigned ? nil : authority)
        let tag = UInt64.random(in: 0 ... .max)
        return .init(
            chain: try directory.write(signed.certificatePEM, to: "leaf-\(tag).pem", mode: 0o644),
            key: try directory.write(signed.keyPEM, to: "leaf-\(tag)-key.pem"))
    }
}
