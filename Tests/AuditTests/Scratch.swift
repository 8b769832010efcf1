import Bytes
import Glibc
import Recipients

@testable import Audit

/// A directory that goes away with its owner.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/stopgate-audit-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("mkdtemp: \(errno)") }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit {
        for name in (try? Directory.names(path)) ?? [] where name != "." && name != ".." { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// The log's own directory and its key beside it.
    var log: String { path }
    func key() throws -> AuditKey { try AuditKey.loadOrCreate("\(path)/key") }

    /// Names of the segments, in order.
    func segments() throws -> [String] { try SegmentName.list(log).map(SegmentName.name) }

    func read(_ name: String) -> [UInt8] { Self.read("\(path)/\(name)") }

    static func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(file, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    func write(_ bytes: [UInt8], to name: String) {
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        precondition(written == bytes.count)
    }
}

extension AuditSettings {
    /// Small, and not troubled by how full the test machine's disk is.
    static func forTests(_ change: (inout AuditSettings) -> Void = { _ in }) -> AuditSettings {
        var settings = AuditSettings()
        settings.ringBytes = 1 << 16
        settings.warnBelow = .init(percent: 0, bytes: 0)
        settings.stopBelow = .init(percent: 0, bytes: 0)
        change(&settings)
        return settings
    }
}

extension DecisionRecord {
    /// A send to one number.
    static func sample(_ phone: String = "+15551234567", verdict: AuditVerdict = .allow) -> DecisionRecord {
        var record = DecisionRecord()
        record.verdict = verdict
        record.channels = ChannelSet(.sms)
        record.ruleset = 0x0123_4567_89ab_cdef
        record.ledgerPosition = 42
        record.set(.provider, "twilio")
        record.set(.endpoint, "messages.create")
        record.set(.client, "10.0.0.7")
        let blocked = verdict == .reject || verdict == .strip
        let bytes = Array(phone.utf8)
        precondition(
            record.add(
                .phone, identifier: bytes.span, channel: .sms, verdict: blocked ? .block : .allow,
                reason: blocked ? "keyword-stop" : "", event: blocked ? 41 : 0))
        return record
    }
}

extension AuditLane {
    /// Appends, waiting for room as long as it takes, and publishes.
    func put(_ record: borrowing DecisionRecord, at instant: AuditInstant = .now()) -> AuditTicket? {
        while true {
            switch append(record, at: instant) {
            case .queued(let ticket):
                publish()
                return ticket
            case .full:
                publish()
                usleep(200)
            case .refused: return nil
            }
        }
    }

    /// Sleeps on the lane's descriptor until the ticket is on disk or the log takes no more.
    func waitUntilDurable(_ ticket: AuditTicket) -> Bool {
        while true {
            requestWakeup()
            if durable >= ticket { return true }
            if !state.takesDecisions { return durable >= ticket }
            var descriptor = pollfd(fd: wakeupDescriptor, events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, 5000) == 0 { return false }
            drainWakeup()
        }
    }
}

extension AuditLane {
    // The testing library's macros take no values that cannot be copied: these make the record themselves.

    func offer() -> AuditAppend { append(.sample(), at: .now()) }
    func offerOutcome() -> AuditAppend { append(OutcomeRecord(), at: .now()) }
    func send(at instant: AuditInstant = .now()) -> AuditTicket? { put(.sample(), at: instant) }
}

extension DecisionRecord {
    mutating func add(_ kind: IdentifierKind, _ identifier: [UInt8], reason: [UInt8] = []) {
        let isAdded = add(kind, identifier: identifier.span, channel: .sms, verdict: .allow, reason: reason.span)
        precondition(isAdded)
    }
}
