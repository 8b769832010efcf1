import COpenSSL
import Foundation
@testable import TLSKit

/// Programs of the system that look at our work from outside.
enum Tool {
    struct Result {
        let status: Int32
        let output: String
    }

    static func openssl(_ arguments: String..., input: String = "") throws -> Result { try run("openssl", arguments, input: input) }

    /// Runs `name` to its end, both outputs together.
    static func run(_ name: String, _ arguments: [String], input: String = "") throws -> Result {
        let process = Process(), output = Pipe(), feed = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.standardInput = feed
        process.standardOutput = output
        process.standardError = output
        try process.run()
        feed.fileHandleForWriting.write(Data(input.utf8))
        try feed.fileHandleForWriting.close()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
    }

    static let hasPython = (try? run("python3", ["-c", "import ssl"]).status == 0) ?? false
    static let hasOpenSSL = (try? run("openssl", ["version"]).status == 0) ?? false
}

extension TLSClientContext {
    func limitToTLS12(suites: String = TLSProfile.tls12Suites) {
        _ = shim_SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION)
        SSL_CTX_set_cipher_list(context, suites)
    }
}
