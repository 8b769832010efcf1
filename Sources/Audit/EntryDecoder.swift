import Recipients

/// Turns lines back into entries. A decision with many recipients stands on several lines, one behind the other.
struct EntryDecoder {
    /// Lines one decision may stand on: a thousand recipients of the longest kind take about ten.
    private static let partLimit = 64

    private var decision: (value: AuditDecision, parts: Int)?

    enum Step {
        case entry(AuditEntry)
        /// A seal, or a part of a decision that is not whole yet.
        case nothing
        /// Not a record of this format.
        case unreadable
    }

    /// Whether a decision waits for its next line.
    var isInsideDecision: Bool { decision != nil }

    mutating func take(_ line: UnsafeRawBufferPointer, file: String, number: Int) -> Step {
        if SealLine.begins(line) { return .nothing }
        guard let prefix = RecordPrefix(line), let object = JSONReader.object(line), let time = object["time"]?.string
        else {
            decision = nil
            return .unreadable
        }
        let stamp = AuditStamp(
            sequence: prefix.sequence, file: file, line: number, time: time,
            instant: AuditInstant(wall: prefix.time, monotonic: prefix.monotonic))
        if prefix.kind == .recipients { return addPart(object) }
        decision = nil
        switch prefix.kind {
        case .decision: return begin(stamp, object)
        case .recipients: return .unreadable
        case .outcome: return Self.outcome(stamp, object).map { .entry(.outcome($0)) } ?? .unreadable
        case .event: return Self.event(stamp, object).map { .entry(.event($0)) } ?? .unreadable
        case .segment: return .entry(.mark(AuditMark(stamp: stamp, kind: .segment(prefix.segment ?? 0))))
        case .close: return .entry(.mark(AuditMark(stamp: stamp, kind: .close)))
        case .open:
            let cut = object["cut"]?.unsigned
            let repaired = object["repaired"]?.unsigned
            return .entry(.mark(AuditMark(
                stamp: stamp,
                kind: .open(cut: cut ?? repaired ?? 0, kept: object["kept"]?.string, isRepair: repaired != nil))))
        case .clock:
            guard case .number(let magnitude, let isNegative) = object["step"] else { return .unreadable }
            let step = Int64(clamping: magnitude)
            return .entry(.mark(AuditMark(stamp: stamp, kind: .clock(step: isNegative ? -step : step))))
        }
    }

    private mutating func begin(_ stamp: AuditStamp, _ object: JSONValue) -> Step {
        guard let value = Self.decision(stamp, object) else { return .unreadable }
        guard object["more"] != nil else { return .entry(.decision(value)) }
        decision = (value, 1)
        return .nothing
    }

    private mutating func addPart(_ object: JSONValue) -> Step {
        guard var open = decision, object["id"]?.string == open.value.id.description, open.parts < Self.partLimit,
            object["part"]?.unsigned == UInt64(open.parts + 1), let recipients = Self.recipients(object)
        else {
            decision = nil
            return .unreadable
        }
        open.value.recipients += recipients
        open.parts += 1
        decision = object["more"] == nil ? nil : open
        return decision == nil ? .entry(.decision(open.value)) : .nothing
    }

    private static func decision(_ stamp: AuditStamp, _ object: JSONValue) -> AuditDecision? {
        guard let id = object["id"]?.string.flatMap({ AuditID($0) }),
            let verdict = object["verdict"]?.string.flatMap({ AuditVerdict(name: $0) }),
            let enforcement = object["enforcement"]?.string.flatMap({ AuditEnforcement(name: $0) }),
            let ruleset = object["ruleset"]?.string, let ledger = object["ledger"]?.unsigned,
            let key = object["key"]?.string, let recipients = recipients(object)
        else { return nil }
        return AuditDecision(
            stamp: stamp, id: id, provider: object["provider"]?.string, endpoint: object["endpoint"]?.string,
            program: object["program"]?.string, messageClass: object["class"]?.string,
            campaign: object["campaign"]?.string, cause: object["cause"]?.string, client: object["client"]?.string,
            degraded: object["degraded"]?.string, scheduled: object["scheduled"]?.string, cancel: object["cancel"]?.string, verdict: verdict, enforcement: enforcement, channels: channels(object),
            ruleset: ruleset, ledgerPosition: ledger,
            receivedBody: object["body"]?.string.flatMap { AuditDigest(hex: $0) },
            forwardedBody: object["forwarded"]?.string.flatMap { AuditDigest(hex: $0) },
            key: key, recipients: recipients,
            fate: verdict == .reject || verdict == .refuse ? .kept : .unknown)
    }

    private static func recipients(_ object: JSONValue) -> [AuditRecipient]? {
        guard let list = object["recipients"]?.list else { return nil }
        var recipients: [AuditRecipient] = []
        for element in list {
            guard let recipient = recipient(element) else { return nil }
            recipients.append(recipient)
        }
        return recipients
    }

    private static func recipient(_ object: JSONValue) -> AuditRecipient? {
        guard let kind = object["kind"]?.string.flatMap({ IdentifierKind(name: $0) }) else { return nil }
        return AuditRecipient(
            kind: kind, masked: object["masked"]?.string, hmac: object["hmac"]?.string,
            channel: object["channel"]?.string.flatMap { Channel(name: $0) },
            verdict: object["verdict"]?.string.flatMap { AuditRecipientVerdict(name: $0) },
            reason: object["reason"]?.string, event: object["event"]?.unsigned)
    }

    private static func channels(_ object: JSONValue) -> [Channel] {
        (object["channels"]?.list ?? []).compactMap { $0.string.flatMap { Channel(name: $0) } }
    }

    private static func outcome(_ stamp: AuditStamp, _ object: JSONValue) -> AuditOutcome? {
        guard let id = object["id"]?.string.flatMap({ AuditID($0) }),
            let result = object["result"]?.string.flatMap({ OutcomeRecord.Result(name: $0) }),
            let latency = object["latency"]?.unsigned, let sent = object["sent"]?.unsigned,
            let received = object["received"]?.unsigned
        else { return nil }
        return AuditOutcome(
            stamp: stamp, decision: id, result: result, status: object["status"]?.unsigned,
            message: object["message"]?.string, error: object["error"]?.string, latency: latency, bytesSent: sent,
            bytesReceived: received)
    }

    private static func event(_ stamp: AuditStamp, _ object: JSONValue) -> AuditEvent? {
        guard let what = object["what"]?.string else { return nil }
        return AuditEvent(
            stamp: stamp, what: what, actor: object["actor"]?.string, detail: object["detail"]?.string,
            subject: object["subject"].flatMap(recipient), key: object["key"]?.string, channels: channels(object),
            ledgerPosition: object["ledger"]?.unsigned)
    }
}
