import Foundation
import Ledger
import Synchronization
import TLSKit

/// Knows the tokens for a running gate: looks at the file before every use, so that a revocation holds at once.
final class TokenGuard: Sendable {
    enum Answer: Equatable, Sendable {
        case known(AdminToken)
        case unknown
        case expired(AdminToken)
        case revoked(AdminToken)
    }

    private struct Mark: Equatable {
        var inode: UInt64
        var modified: Date
        var size: UInt64
        var mode: UInt64
    }

    private struct State {
        var mark: Mark?
        var tokens: [AdminToken] = []
        var digests: [[UInt8]] = []
        var isRead = false
    }

    private let file: TokenFile
    private let state = Mutex(State())
    private let changed: @Sendable (_ before: [AdminToken], _ after: [AdminToken]) -> Void

    /// - Parameter changed: told when the file says something else than before; not for the first reading.
    init(_ file: TokenFile, changed: @escaping @Sendable (_ before: [AdminToken], _ after: [AdminToken]) -> Void) {
        self.file = file
        self.changed = changed
    }

    /// - Throws: ``TokenFailure`` when the file cannot be used. Nobody gets in then.
    func check(_ secret: String, now: Timestamp = .now()) throws -> Answer {
        let digest = TokenFile.digest(secret)
        let (tokens, digests) = try current()
        var found: AdminToken?
        // All of them, whichever it is: how long this takes says nothing.
        for (token, known) in zip(tokens, digests) where MessageAuthentication.equal(known, digest) { found = token }
        guard let found else { return .unknown }
        switch found.state(at: now) {
        case .good: return .known(found)
        case .expired: return .expired(found)
        case .revoked: return .revoked(found)
        }
    }

    /// Reads the file when it was changed. Called before every use, and once a second, so that a change is noted soon.
    @discardableResult
    func current() throws -> ([AdminToken], [[UInt8]]) {
        let (before, after): ([AdminToken]?, State) = try state.withLock { state in
            let mark = Self.mark(file.path)
            if state.isRead, mark == state.mark { return (nil, state) }
            let before = state.isRead ? state.tokens : nil
            // Until it can be read again nobody is known.
            state = State()
            let tokens = try file.tokens()
            state = State(mark: mark, tokens: tokens, digests: tokens.map { Self.bytes($0.sha256) }, isRead: true)
            return (before, state)
        }
        if let before, before != after.tokens { changed(before, after.tokens) }
        return (after.tokens, after.digests)
    }

    private static func mark(_ path: String) -> Mark? {
        guard let facts = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        return Mark(
            inode: (facts[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0, modified: facts[.modificationDate] as? Date ?? .distantPast,
            size: (facts[.size] as? NSNumber)?.uint64Value ?? 0, mode: (facts[.posixPermissions] as? NSNumber)?.uint64Value ?? 0)
    }

    /// Of hex digits; anything else equals no digest.
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == 64, hex.utf8.count == 64 else { return [] }
        return stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
