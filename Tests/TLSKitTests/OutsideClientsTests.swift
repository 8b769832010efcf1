import Testing
@testable import TLSKit

/// Other people's TLS against ours, over a real socket.
@Suite(.serialized)
struct OutsideClientsTests {
    let directory: TemporaryDirectory
    let authority: LocalCA
    let server: LoopbackServer

    init() throws {
        directory = try TemporaryDirectory()
        authority = try LocalCA.create(in: directory.path, permitted: ["example.com"])
        let issued = try authority.issue(name: "gate", subjects: ["api.example.com"], purpose: .server)
        server = try LoopbackServer(
            TLSServerMaterial(.init(certificates: [.init(chain: issued.chainFile, key: issued.keyFile)])), tickets: TLSTicketKeys())
    }

    private func openssl(_ arguments: String..., input: String = "") throws -> String {
        try Tool.run("openssl", [
            "s_client", "-connect", "127.0.0.1:\(server.port)", "-servername", "api.example.com", "-CAfile", authority.authorityFile,
            "-verify_return_error", "-ign_eof",
        ] + arguments, input: input).output
    }

    @Test(.enabled(if: Tool.hasOpenSSL)) func earlyDataIsNotAccepted() throws {
        defer { server.stop() }
        let session = directory.file("session.pem")
        let first = try openssl("-sess_out", session, input: "x\n")
        #expect(first.contains("Verify return code: 0 (ok)"))
        #expect(first.contains("Max Early Data: 0"))
        let send = try directory.write(Array("POST /send HTTP/1.1\r\n\r\n".utf8), to: "early.txt")
        let second = try openssl("-sess_in", session, "-early_data", send, input: "x\n")
        #expect(second.contains("Reused, TLSv1.3"))
        #expect(second.contains("Early data was not sent"), "the ticket forbids it")
        #expect(second.contains("hello"))
    }

    @Test(.enabled(if: Tool.hasOpenSSL), arguments: [
        ("-tls1_2", "New, TLSv1.2, Cipher is ECDHE-ECDSA-"), ("-tls1_3", "New, TLSv1.3, Cipher is TLS_AES_"),
    ])
    func opensslTalks(version: String, line: String) throws {
        defer { server.stop() }
        let text = try openssl(version, "-alpn", "h2,http/1.1", input: "x\n")
        #expect(text.contains(line))
        #expect(text.contains("ALPN protocol: h2"))
        #expect(text.contains("hello"))
        if version == "-tls1_2" { #expect(text.contains("Compression: NONE")) }
    }

    @Test(.enabled(if: Tool.hasPython)) func pythonVerifiesTheLocalCA() throws {
        defer { server.stop() }
        let script = """
            import socket, ssl, sys
            context = ssl.create_default_context(cafile=sys.argv[2])
            context.verify_flags |= ssl.VERIFY_X509_STRICT
            for name in "api.example.com", "other.example.com":
                try:
                    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5) as plain:
                        with context.wrap_socket(plain, server_hostname=name) as tls:
                            tls.sendall(b"x")
                            print(name, tls.version(), tls.recv(99))
                except ssl.SSLError as error:
                    print(name, error.reason)
            """
        let result = try Tool.run("python3", ["-c", script, "\(server.port)", authority.authorityFile])
        #expect(result.output == """
            api.example.com TLSv1.3 b'hello\\n'
            other.example.com TLSV1_UNRECOGNIZED_NAME

            """)
    }
}
