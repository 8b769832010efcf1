import Glibc
import Recipients
@testable import Suppression
import Testing
import TestSupport

/// What a crash, a disk or a wrong file may leave in the directory.
@Suite struct DirectoryTests {
    /// A directory with a snapshot of `count` keys.
    private func prepared(_ count: Int, secretID: UInt64 = 1) throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        let index = try SuppressionIndex(directory: directory.path, secretID: secretID)
        let rebuild = try index.beginRebuild(.everything)
        for i in 0..<count { try rebuild.add(key(i), .all, source: i % 3 == 0 ? .list : .event) }
        try rebuild.commit(ledgerPosition: 77)
        return directory
    }

    @Test func flippedBitsAreFound() throws {
        let directory = try prepared(20_000)
        let sound = directory.bytes(directory.snapshot)
        let layout = try SnapshotFile(path: directory.snapshot, secretID: 1).layout
        // What is mapped, then the checksums; every part of them, its edges, and random places between.
        let positions = Int(layout.positionsOffset)..<Int(layout.checksumsOffset)
        let edges = [
            0, 7, 8, 100, 65_535, 65_536, Int(layout.entriesOffset) - 1, Int(layout.entriesOffset),
            Int(layout.mappedBytes) - 1, positions.upperBound, sound.count - 1,
        ]
        var random = SeededGenerator(seed: 21)
        let offsets = edges + (0..<300).map { _ in Int(random.next() % UInt64(sound.count)) }
        for offset in offsets where !positions.contains(offset) {
            var bytes = sound
            bytes[offset] ^= 1 << UInt8(random.next() % 8)
            directory.write(bytes, to: directory.snapshot)
            let index = try SuppressionIndex(directory: directory.path, secretID: 1)
            guard case .damaged(let error, let kept) = index.startup else {
                Issue.record("a flipped bit at \(offset) was not found")
                continue
            }
            #expect("\(error)".contains(directory.snapshot))
            #expect(directory.bytes(kept) == bytes, "the damaged file is kept as evidence")
            #expect(index.ledgerPosition == 0)
            #expect(try index.makeReader().blockedChannels(key(1)) == .all)
        }
    }

    /// The positions are read by compaction only: there the damage is found, and the index goes on as before.
    @Test func flippedBitsInThePositionsAreFoundByCompaction() throws {
        let directory = try prepared(20_000)
        let layout = try SnapshotFile(path: directory.snapshot, secretID: 1).layout
        var bytes = directory.bytes(directory.snapshot)
        bytes[Int(layout.positionsOffset) + 100_000] ^= 4
        directory.write(bytes, to: directory.snapshot)
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        #expect(index.startup == .opened(ledgerPosition: 77))
        index.markReady()
        try index.insert(key(50_000), .all, ledgerPosition: 78)
        #expect(throws: SuppressionError.damaged(
            part: .positions, path: directory.snapshot, offset: layout.positionsOffset + 65_536)
        ) { try index.compact() }
        #expect(throws: SuppressionError.self) { try index.verify() }
        let reader = try index.makeReader()
        for i in 0..<20_000 { #expect(reader.blockedChannels(key(i)) == .all) }
        #expect(reader.blockedChannels(key(50_000)) == .all)
        #expect(directory.names == ["index.snapshot"])
    }

    @Test func soundSnapshotsVerify() throws {
        let directory = try prepared(20_000)
        try SuppressionIndex(directory: directory.path, secretID: 1).verify()
    }

    @Test func cutAndLengthenedFilesAreFound() throws {
        let directory = try prepared(5_000)
        let sound = directory.bytes(directory.snapshot)
        var random = SeededGenerator(seed: 22)
        let lengths = [0, 1, 8, 4_096, 65_535, 65_536, sound.count - 1, sound.count + 1, sound.count + 65_536]
            + (0..<50).map { _ in Int(random.next() % UInt64(sound.count)) }
        for length in lengths {
            let bytes = Array(sound.prefix(length)) + [UInt8](repeating: 0, count: max(0, length - sound.count))
            directory.write(bytes, to: directory.snapshot)
            let index = try SuppressionIndex(directory: directory.path, secretID: 1)
            guard case .damaged = index.startup else {
                Issue.record("\(length) bytes of \(sound.count) passed")
                continue
            }
        }
    }

    @Test func anotherSecretIsRefusedAndTheFileKept() throws {
        let directory = try prepared(100, secretID: 0xAAAA)
        let bytes = directory.bytes(directory.snapshot)
        #expect(throws: SuppressionError.wrongSecret(path: directory.snapshot, expected: 0xBBBB, found: 0xAAAA)) {
            _ = try SuppressionIndex(directory: directory.path, secretID: 0xBBBB)
        }
        #expect(directory.bytes(directory.snapshot) == bytes)
        #expect(try SuppressionIndex(directory: directory.path, secretID: 0xAAAA).startup == .opened(ledgerPosition: 77))
    }

    @Test func leftoversOfACrashAreRemoved() throws {
        let directory = try prepared(100)
        directory.write([1, 2, 3], to: directory.path + "/index.tmp-4711-compaction")
        directory.write([], to: directory.path + "/index.tmp-4711-rows")
        directory.write([9], to: directory.path + "/notes.txt")
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        #expect(index.startup == .opened(ledgerPosition: 77))
        #expect(directory.names == ["index.snapshot", "notes.txt"])
    }

    @Test func oneIndexPerDirectory() throws {
        let directory = try prepared(100)
        let first = try SuppressionIndex(directory: directory.path, secretID: 1)
        #expect(throws: SuppressionError.inUse(path: directory.path)) {
            _ = try SuppressionIndex(directory: directory.path, secretID: 1)
        }
        withExtendedLifetime(first) {}
    }

    @Test func aMissingDirectoryIsNamed() {
        #expect(throws: SuppressionError.system(call: "open", path: "/nonexistent/index", errno: ENOENT)) {
            _ = try SuppressionIndex(directory: "/nonexistent/index", secretID: 1)
        }
    }

    /// The directory vanishes under a compaction: it fails, and every change stays in force and can be written later.
    @Test func aFailedCompactionLosesNothing() throws {
        let directory = try prepared(1_000)
        let index = try SuppressionIndex(directory: directory.path, secretID: 1)
        index.markReady()
        for i in 0..<5_000 { try index.insert(key(10_000 + i), ChannelSet(.sms), ledgerPosition: 78) }
        try index.remove(key(1), ledgerPosition: 79)
        rename(directory.path, directory.path + "-away")
        #expect(throws: SuppressionError.self) { try index.compact() }
        #expect(throws: SuppressionError.self) { try index.compact() }
        rename(directory.path + "-away", directory.path)
        let reader = try index.makeReader()
        func check() {
            for i in 0..<5_000 { #expect(reader.blockedChannels(key(10_000 + i)) == ChannelSet(.sms)) }
            #expect(reader.blockedChannels(key(1)).isEmpty)
            #expect(reader.blockedChannels(key(2)) == .all)
        }
        check()
        try index.compact()
        check()
        #expect(index.statistics.changes == 0)
    }

    @Test func fileIsPrivate() throws {
        let directory = try prepared(10)
        var status = stat()
        #expect(stat(directory.snapshot, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }
}
