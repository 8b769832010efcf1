import CLinux
import Recipients
import Testing

@testable import Audit

@Suite struct PrivacyTests {
    /// Every spelling of an identifier that could slip into a file.
    private func spellings(_ identifier: String) -> [String] {
        let bytes = Array(identifier.utf8)
        let hex = String(decoding: bytes.flatMap { [Hex.digit($0 >> 4), Hex.digit($0 & 15)] }, as: UTF8.self)
        let percent = bytes.map { $0 == 0x2b ? "%2B" : $0 == 0x40 ? "%40" : String(UnicodeScalar($0)) }.joined()
        let digits = identifier.filter(\.isNumber)
        return [identifier, hex, percent, digits.count > 6 ? digits : identifier]
    }

    @Test func noIdentifierStandsInAnyFile() throws {
        let scratch = Scratch()
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        let people: [(IdentifierKind, String)] = [
            (.phone, "+15558675309"), (.email, "marker.person@example.org"), (.pushToken, "marker0token1marker2token3"),
            (.postal, "17 Marker Street, Springfield"), (.external, "marker-customer-000815"), (.phone, "8675309"),
        ]
        var record = DecisionRecord()
        for (kind, text) in people { record.add(kind, Array(text.utf8)) }
        let queued = lane.put(record)
        let ticket = try #require(queued)
        #expect(lane.waitUntilDurable(ticket))
        for (kind, text) in people {
            var event = EventRecord("suppression-added")
            let bytes = Array(text.utf8)
            let isSet = event.setSubject(kind, identifier: bytes.span)
            #expect(isSet)
            try log.record(event)
        }
        log.close()
        for name in try Directory.names(scratch.path) where name != "." && name != ".." {
            let text = String(decoding: scratch.read(name), as: UTF8.self)
            for (_, identifier) in people {
                for spelling in spellings(identifier) { #expect(!text.contains(spelling), "\(name) holds \(spelling)") }
            }
        }
        // Not an empty claim: what may be shown is there.
        let text = String(decoding: scratch.read(SampleLog.file), as: UTF8.self)
        #expect(text.contains("+1********09") && text.contains("m***@example.org"))
    }

    @Test func theRingForgetsWhatWasWritten() throws {
        let scratch = Scratch()
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        let ticket = try #require(lane.send())
        #expect(lane.waitUntilDurable(ticket))
        #expect(!lane.ringHolds("+15551234567"))
        log.close()
    }
}

extension AuditLane {
    fileprivate func ringHolds(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { memmem(ring.base, ring.capacity, $0.baseAddress, $0.count) != nil }
    }
}
