import Foundation
import Glibc

/// A directory in memory that goes away with its owner.
final class ScratchDirectory {
    let path: String

    init() {
        var template = Array("/dev/shm/stopgate-fuzz-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } }
        guard let made else { fatalError("mkdtemp: errno \(errno)") }
        path = made
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: UnsafeBufferPointer<UInt8>, to name: String) {
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { fatalError("\(path)/\(name): errno \(errno)") }
        defer { close(file) }
        guard Glibc.write(file, bytes.baseAddress, bytes.count) == bytes.count else { fatalError("\(path)/\(name): errno \(errno)") }
    }

    func makeFolder(_ name: String) {
        guard mkdir("\(path)/\(name)", 0o700) == 0 else { fatalError("\(path)/\(name): errno \(errno)") }
    }

    func bytes(of name: String) -> [UInt8] { FileManager.default.contents(atPath: "\(path)/\(name)").map { Array($0) } ?? [] }
}
