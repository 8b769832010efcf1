import Foundation
@testable import TLSKit

/// A CA kept by `openssl ca`, with a good and a revoked client, a good and a revoked server, a fresh and a stale revocation list.
struct RevocationKit {
    let authorityFile, listFile, staleListFile: String
    let good, revoked, server, revokedServer: TLSServerSettings.CertificateFiles

    init(_ directory: TemporaryDirectory) throws {
        // Of a CA that may sign lists, which `openssl ca` needs the key of.
        let forge = try Forge(directory, name: "revoking")
        let key = try directory.write(forge.authority.keyPEM, to: "revoking-key.pem")
        authorityFile = forge.authorityFile
        good = try forge.pair(["DNS:good.example"], usage: "clientAuth")
        revoked = try forge.pair(["DNS:bad.example"], usage: "clientAuth")
        server = try forge.pair(["DNS:a.example"])
        revokedServer = try forge.pair(["DNS:r.example"])
        listFile = directory.file("list.pem")
        staleListFile = directory.file("stale.pem")
        let configuration = try directory.write(Array("""
            [ca]
            default_ca = it
            [it]
            database = \(directory.file("index.txt"))
            crlnumber = \(directory.file("number"))
            default_md = sha256
            unique_subject = no
            certificate = \(authorityFile)
            private_key = \(key)
            """.utf8), to: "ca.cnf")
        try directory.write([], to: "index.txt")
        try directory.write(Array("01\n".utf8), to: "number")
        for arguments in [
            ["-revoke", revoked.chain],
            ["-revoke", revokedServer.chain],
            ["-gencrl", "-crldays", "1", "-out", listFile],
            ["-gencrl", "-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z", "-out", staleListFile],
        ] {
            let result = try Tool.run("openssl", ["ca", "-config", configuration] + arguments)
            guard result.status == 0 else { throw TLSProblem(file: "openssl ca", what: result.output, remedy: "") }
        }
    }
}
