import Glibc
import Recipients

/// Spells records as lines of JSON: docs/audit-format.md describes every byte. One per writer.
@safe struct RecordFormat: ~Copyable {
    /// A line that has reached this many bytes takes no further recipient; they go on in a line of their own, so that no
    /// line is longer than 64 KiB less one.
    static let lineThreshold = 60_000
    private static let fieldLimit = 1024
    private static let shortLimit = 256

    private var timestamp = Timestamp()
    private let authenticator: HMACSHA256
    /// The eight digits of ``AuditKey/id``.
    private let keyID: UInt64
    /// The two times as they were spelled last: the records of one loop turn share them.
    private var times = LineBuffer(capacity: 64)
    private var timesAt: AuditInstant?
    private let mask = UnsafeMutablePointer<UInt8>.allocate(capacity: Mask.limit)
    /// Wall clock less monotonic clock at the last record, in microseconds.
    private var clockOffset: Int64?

    init(key: AuditKey) {
        authenticator = key.authenticator()
        keyID = key.idWord
    }

    deinit { mask.deallocate() }

    /// Spells one entry of a ring, as one line or several.
    /// - Parameter sequence: number of the next line; counted up for each.
    mutating func put(
        _ entry: UnsafeRawPointer, id: AuditID, sequence: inout UInt64, to lines: inout LineBuffer
    ) {
        let head = entry.load(as: RingEntry.self)
        noteClock(head.at, &sequence, &lines)
        let body = entry + RingEntry.headSize
        switch RingEntry.Kind(rawValue: head.kind) {
        case .decision: decision(body, head.at, id, &sequence, &lines)
        case .outcome: outcome(body, head.at, &sequence, &lines)
        case .event: event(body, head.at, &sequence, &lines)
        case .padding, nil: break
        }
    }

    /// Spells a line that tells how far the wall clock was set since the last record, if it was by more than a second.
    mutating func noteClock(_ at: AuditInstant, _ sequence: inout UInt64, _ lines: inout LineBuffer) {
        let offset = at.wall &- Int64(truncatingIfNeeded: at.monotonic / 1000)
        if let last = clockOffset {
            let step = offset &- last
            if step.magnitude > 1_000_000 { clockStep(step, at, &sequence, &lines) }
        }
        clockOffset = offset
    }

    mutating func clockStep(
        _ step: Int64, _ at: AuditInstant, _ sequence: inout UInt64, _ lines: inout LineBuffer
    ) {
        open("clock", at, &sequence, &lines)
        lines.put(step < 0 ? ",\"step\":-" : ",\"step\":")
        lines.put(step.magnitude)
        lines.put("}\n")
    }

    /// The first line of a segment.
    mutating func segment(
        _ number: UInt64, boot: UInt64, _ at: AuditInstant, _ sequence: inout UInt64, _ lines: inout LineBuffer
    ) {
        open("segment", at, &sequence, &lines)
        lines.put(",\"segment\":")
        lines.put(number)
        self.boot(boot, &lines)
        lines.put(",\"key\":\"")
        lines.put(word: keyID)
        lines.put("\"}\n")
    }

    /// The first line of a process.
    mutating func opened(
        boot: UInt64, recovery: borrowing AuditRecovery, _ at: AuditInstant, _ sequence: inout UInt64,
        _ lines: inout LineBuffer
    ) {
        open("open", at, &sequence, &lines)
        self.boot(boot, &lines)
        if let file = recovery.cutFile {
            lines.put(recovery.isRepair ? ",\"repaired\":" : ",\"cut\":")
            lines.put(UInt64(recovery.cutBytes))
            lines.put(",\"kept\":\"")
            text(file, &lines)
            lines.put("\"")
        }
        lines.put("}\n")
    }

    /// The last line of a process that ends in good order.
    mutating func closed(_ at: AuditInstant, _ sequence: inout UInt64, _ lines: inout LineBuffer) {
        open("close", at, &sequence, &lines)
        lines.put("}\n")
    }

    // MARK: - Kinds

    private mutating func open(
        _ kind: StaticString, _ at: AuditInstant, _ sequence: inout UInt64, _ lines: inout LineBuffer
    ) {
        lines.put("{\"v\":1,\"seq\":")
        lines.put(sequence)
        sequence += 1
        lines.put(",\"kind\":\"")
        lines.put(kind)
        if at != timesAt { spell(at) }
        lines.put(times.bytes)
    }

    private mutating func spell(_ at: AuditInstant) {
        timesAt = at
        times.reset(keeping: .max)
        times.put("\",\"time\":\"")
        times.put(at.wall, &timestamp)
        times.put("\",\"mono\":")
        times.put(at.monotonic)
    }

    private mutating func decision(
        _ body: UnsafeRawPointer, _ at: AuditInstant, _ id: AuditID, _ sequence: inout UInt64, _ lines: inout LineBuffer
    ) {
        let head = body.load(as: DecisionHead.self)
        var start = lines.count
        open("decision", at, &sequence, &lines)
        self.id(id, &lines)
        var next = body + MemoryLayout<DecisionHead>.stride
        field(",\"provider\":\"", head.texts[0], &next, &lines)
        field(",\"endpoint\":\"", head.texts[1], &next, &lines)
        field(",\"program\":\"", head.texts[2], &next, &lines)
        field(",\"class\":\"", head.texts[3], &next, &lines)
        field(",\"campaign\":\"", head.texts[4], &next, &lines)
        field(",\"cause\":\"", head.texts[5], &next, &lines)
        field(",\"client\":\"", head.texts[6], &next, &lines)
        field(",\"degraded\":\"", head.texts[7], &next, &lines)
        field(",\"scheduled\":\"", head.texts[8], &next, &lines)
        field(",\"cancel\":\"", head.texts[9], &next, &lines)
        lines.put(Spelling.verdict(head.verdict))
        lines.put(Spelling.enforcement(head.enforcement))
        channels(head.channels, &lines)
        lines.put(",\"ruleset\":\"")
        hex(head.ruleset, &lines)
        lines.put("\",\"ledger\":")
        lines.put(head.ledger)
        if head.hasReceived { digest(",\"body\":\"", head.received, &lines) }
        if head.hasForwarded { digest(",\"forwarded\":\"", head.forwarded, &lines) }
        lines.put(",\"key\":\"")
        lines.put(word: keyID)
        lines.put("\",\"recipients\":[")
        var part: UInt64 = 1
        for index in 0..<head.recipientCount {
            if lines.count - start >= Self.lineThreshold {
                lines.put("],\"more\":true}\n")
                start = lines.count
                part += 1
                continueDecision(id, part, at, &sequence, &lines)
            } else if index > 0 {
                lines.put(",")
            }
            recipient(&next, &lines)
        }
        lines.put("]}\n")
    }

    private mutating func continueDecision(
        _ id: AuditID, _ part: UInt64, _ at: AuditInstant, _ sequence: inout UInt64, _ lines: inout LineBuffer
    ) {
        open("recipients", at, &sequence, &lines)
        self.id(id, &lines)
        lines.put(",\"part\":")
        lines.put(part)
        lines.put(",\"recipients\":[")
    }

    private mutating func recipient(_ next: inout UnsafeRawPointer, _ lines: inout LineBuffer) {
        let size = MemoryLayout<RecipientHead>.size
        let head = next.loadUnaligned(as: RecipientHead.self)
        let identifier = UnsafeRawBufferPointer(start: next + size, count: Int(head.identifier))
        let reason = UnsafeRawBufferPointer(start: next + size + identifier.count, count: Int(head.reason))
        next += size + identifier.count + reason.count
        lines.put("{\"kind\":\"")
        person(head.kind, identifier, &lines)
        lines.put(Spelling.channel(head.channel))
        lines.put(Spelling.recipientVerdict(head.verdict))
        if reason.count > 0 {
            lines.put(",\"reason\":\"")
            lines.put(escaped: reason, limit: Self.shortLimit)
            lines.put("\"")
        }
        if head.event > 0 {
            lines.put(",\"event\":")
            lines.put(head.event)
        }
        lines.put("}")
    }

    /// The kind's name, which ends the string that the caller began, the masked form and the keyed name.
    private mutating func person(_ kind: UInt8, _ identifier: UnsafeRawBufferPointer, _ lines: inout LineBuffer) {
        guard let kind = IdentifierKind(rawValue: kind) else {
            lines.put("unknown\"")
            return
        }
        lines.put(Spelling.kind(kind))
        lines.put("\"")
        guard identifier.count > 0 else { return }
        lines.put(",\"masked\":\"")
        let length = Mask.write(kind, identifier, to: mask)
        lines.put(escaped: UnsafeRawBufferPointer(start: mask, count: length), limit: Self.shortLimit)
        lines.put("\",\"hmac\":\"")
        let prefix = Spelling.keyedPrefix(kind)
        let name = authenticator.authenticate(
            UnsafeRawBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount), identifier)
        withUnsafeBytes(of: name.words) { lines.put(hex: UnsafeRawBufferPointer(rebasing: $0[..<16])) }
        lines.put("\"")
    }

    private mutating func outcome(
        _ body: UnsafeRawPointer, _ at: AuditInstant, _ sequence: inout UInt64, _ lines: inout LineBuffer
    ) {
        let head = body.load(as: OutcomeHead.self)
        open("outcome", at, &sequence, &lines)
        id(head.decision, &lines)
        lines.put(Spelling.result(head.result))
        if head.status > 0 {
            lines.put(",\"status\":")
            lines.put(UInt64(head.status))
        }
        var next = body + MemoryLayout<OutcomeHead>.stride
        field(",\"message\":\"", head.texts[0], &next, &lines)
        field(",\"error\":\"", head.texts[1], &next, &lines)
        lines.put(",\"latency\":")
        lines.put(head.latency)
        lines.put(",\"sent\":")
        lines.put(head.sent)
        lines.put(",\"received\":")
        lines.put(head.received)
        lines.put("}\n")
    }

    private mutating func event(
        _ body: UnsafeRawPointer, _ at: AuditInstant, _ sequence: inout UInt64, _ lines: inout LineBuffer
    ) {
        let head = body.load(as: EventHead.self)
        open("event", at, &sequence, &lines)
        var next = body + MemoryLayout<EventHead>.stride
        field(",\"what\":\"", head.texts[0], &next, &lines)
        field(",\"actor\":\"", head.texts[1], &next, &lines)
        field(",\"detail\":\"", head.texts[2], &next, &lines)
        if head.identifier > 0 {
            lines.put(",\"key\":\"")
            lines.put(word: keyID)
            lines.put("\",\"subject\":{\"kind\":\"")
            person(head.kind, UnsafeRawBufferPointer(start: next, count: Int(head.identifier)), &lines)
            lines.put("}")
        }
        if head.channels != 0 { channels(head.channels, &lines) }
        if head.ledger > 0 {
            lines.put(",\"ledger\":")
            lines.put(head.ledger)
        }
        lines.put("}\n")
    }

    // MARK: - Fields

    private func field(
        _ name: StaticString, _ length: UInt16, _ next: inout UnsafeRawPointer, _ lines: inout LineBuffer
    ) {
        guard length > 0 else { return }
        lines.put(name)
        lines.put(escaped: UnsafeRawBufferPointer(start: next, count: Int(length)), limit: Self.fieldLimit)
        lines.put("\"")
        next += Int(length)
    }

    private func text(_ text: String, _ lines: inout LineBuffer) {
        var text = text
        text.withUTF8 { lines.put(escaped: UnsafeRawBufferPointer($0), limit: Self.fieldLimit) }
    }

    private func id(_ id: AuditID, _ lines: inout LineBuffer) {
        lines.put(",\"id\":\"")
        lines.put(id)
        lines.put("\"")
    }

    private func digest(_ name: StaticString, _ digest: AuditDigest, _ lines: inout LineBuffer) {
        lines.put(name)
        withUnsafeBytes(of: digest.words) { lines.put(hex: $0) }
        lines.put("\"")
    }

    private func hex(_ value: UInt64, _ lines: inout LineBuffer) {
        withUnsafeBytes(of: value.bigEndian) { lines.put(hex: $0) }
    }

    private func boot(_ boot: UInt64, _ lines: inout LineBuffer) {
        lines.put(",\"boot\":\"")
        withUnsafeBytes(of: (boot << 16).bigEndian) { lines.put(hex: UnsafeRawBufferPointer(rebasing: $0[..<6])) }
        lines.put("\"")
    }

    private func channels(_ bits: UInt16, _ lines: inout LineBuffer) {
        lines.put(",\"channels\":[")
        var rest = bits & ChannelSet.all.rawValue
        while rest != 0 {
            let channel = UInt8(truncatingIfNeeded: rest.trailingZeroBitCount)
            rest &= rest - 1
            lines.put(Spelling.channelElement(channel))
            if rest != 0 { lines.put(",") }
        }
        lines.put("]")
    }
}
