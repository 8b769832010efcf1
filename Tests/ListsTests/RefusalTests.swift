import Foundation
import Recipients
import Suppression
import Testing

@testable import Lists

/// What is wrong is said, and what was in force stays.
@Suite struct RefusalTests {
    let directory: TemporaryDirectory
    let installation: Installation

    init() throws {
        directory = try TemporaryDirectory()
        installation = try Installation(directory)
        _ = try installation.lists.load("l", file: directory.write(numbers(0, 1000), to: "first.csv"), options: phones)
    }

    private func refused(_ bytes: [UInt8], _ options: ListOptions = phones, name: String = "l") throws -> ListFailure? {
        let path = directory.file("in.csv")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        var failure: ListFailure?
        do {
            _ = try installation.lists.load(name, file: path, options: options)
        } catch {
            failure = error
        }
        #expect(try installation.blocked(number(3)) == .phoneMessages && installation.lists.describe().map(\.version.keys) == [1000])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("lists/l")).count == 1, "nothing is left behind")
        return failure
    }

    private func refused(_ text: String, _ options: ListOptions = phones, name: String = "l") throws -> ListFailure? {
        try refused(Array(text.utf8), options, name: name)
    }

    @Test func filesThatAreNoLists() throws {
        let path = directory.file("in.csv")
        #expect(try refused("") == .empty(path: path))
        #expect(try refused("phone\n") == .empty(path: path))
        #expect(try refused("\n\n\r\n") == .empty(path: path))
        #expect("\(try #require(try refused([0xff, 0xfe, 0x2b, 0])))".contains("UTF-16"))
        #expect("\(try #require(try refused([0x50, 0x4b, 3, 4, 0])))".contains("spreadsheet"))
        #expect("\(try #require(try refused("a,b\n1,2\n")))".contains("which of its 2 columns"))
        #expect("\(try #require(try refused("a,b\n", phones.with { $0.columns = [.name("c")] })))".contains("there are: a, b"))
        #expect("\(try #require(try refused("a,a\n", phones.with { $0.columns = [.name("a")] })))".contains("give its number"))
        #expect("\(try #require(try refused("a,b\n", phones.with { $0.columns = [.number(3)] })))".contains("column 3"))
        #expect("\(try #require(try refused("4155550123,12\n")))".contains("4155550123") == false, "no identifier in a message")
        let failure = try refused((0..<500).map { "word \($0)\n" }.joined())
        guard case .tooManyRejected(500, 500, let cause) = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
        #expect(!cause.isEmpty)
    }

    @Test func aWrongColumnIsNoList() throws {
        // Half of the rows are numbers by chance.
        let failure = try refused((0..<2000).map { $0 % 2 == 0 ? number($0) + "\n" : "n/a\n" }.joined())
        guard case .tooManyRejected(1000, 2000, _) = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
    }

    @Test func aFileThatShrankIsRefusedUnlessItIsMeant() throws {
        #expect(try refused(numbers(0, 400)) == .shrunk(name: "l", from: 1000, to: 400))
        let options = phones.with { $0.limits.leastShare = 0 }
        let result = try installation.lists.load("l", file: directory.file("in.csv"), options: options)
        guard case .loaded(let version, let previous) = result else { throw ListFailure.busy }
        #expect(version.keys == 400 && previous?.keys == 1000)
        #expect(try installation.blocked(number(399)) == .phoneMessages && installation.blocked(number(400)) == [])
    }

    @Test func limits() throws {
        #expect(try refused(numbers(0, 2000), phones.with { $0.limits.rows = 1999 }) == .tooManyRows(limit: 1999))
        #expect(try refused(numbers(0, 2000), phones.with { $0.limits.bytes = 100 }) == .tooManyBytes(limit: 100))
        let rejecting = phones.with { $0.limits.rejectedRows = 5 }
        guard case .tooManyRejected(6, 2006, _) = try refused(numbers(0, 2000) + "a1\nb1\nc1\nd1\ne1\nf1\n", rejecting) else {
            return #expect(Bool(false))
        }
    }

    @Test(arguments: ["", "Upper", "a/b", "..", ".hidden", "-x", "ä", "a b", String(repeating: "a", count: 65), "a\u{0}"])
    func names(_ name: String) throws {
        #expect(try refused(numbers(0, 2000), name: name) == .badName(name))
    }

    @Test(arguments: [
        phones.with { $0.channels = [] }, phones.with { $0.channels = ChannelSet(rawValue: 0x100) }, phones.with { $0.reason = "" },
        phones.with { $0.kind = .postal }, phones.with { $0.columns = [.number(0)] }, phones.with { $0.columns = [.number(5000)] },
        phones.with { $0.columns = (1...9).map { .number($0) } }, phones.with { $0.joinsColumns = true },
        phones.with { $0.columns = [.number(1), .number(1)] }, phones.with { $0.separator = 0x0a }, phones.with { $0.program = "" },
    ])
    func options(_ options: ListOptions) throws {
        guard case .badOptions = try refused(numbers(0, 2000), options) else { return #expect(Bool(false)) }
    }

    @Test func filesThatCannotBeRead() throws {
        for path in [directory.file("nowhere.csv"), directory.path] {
            #expect(throws: ListFailure.self) { try installation.lists.load("l", file: path, options: phones) }
        }
        let good = directory.file("first.csv")
        #expect(throws: ListFailure.self) {
            try installation.lists.load("m", file: good, options: phones, rejectedRows: directory.file("nowhere/rejected.csv"))
        }
        #expect(throws: ListFailure.unknownList("m")) { try installation.lists.rollback("m") }
        #expect(throws: ListFailure.noPreviousVersion("l")) { try installation.lists.rollback("l") }
        #expect(throws: ListFailure.unknownList("m")) { try installation.lists.remove("m") }
    }

    @Test func cancelling() throws {
        let path = try directory.write(numbers(0, 300_000))
        for phase in [ListProgress.Phase.sorting, .indexing] {
            #expect(throws: ListFailure.cancelled) { try installation.lists.load("l", file: path, options: phones) { $0.phase != phase } }
            #expect(try installation.lists.describe().map(\.version.keys) == [1000] && installation.blocked(number(5000)) == [])
        }
    }

    @Test func oneChangeAtATime() throws {
        let path = try directory.write(numbers(0, 2000))
        let lists = installation.lists
        _ = try lists.load("l", file: path, options: phones) { _ in
            #expect(throws: ListFailure.busy) { try lists.remove("l") }
            return true
        }
    }

    @Test func anotherSecretIsRefused() throws {
        let other = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: directory.file("lists"), toPath: other.file("lists"))
        #expect(throws: ListFailure.self) { try Installation(other, seed: 2) }
        do {
            _ = try Installation(other, seed: 2)
        } catch {
            #expect("\(error)".contains("another digest secret"))
        }
    }
}
