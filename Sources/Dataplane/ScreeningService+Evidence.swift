import Adapters
import Audit
import Bytes
import Gate
import Glibc
import HTTPKit
import Recipients
import Suppression

/// Records, answers and traces.
extension ScreeningService {
    // MARK: Decisions

    /// Fills the decision record from what the inspector found.
    func gather(_ x: ExchangePointer, _ verdict: Verdict, ledgerPosition: UInt64) {
        decision.reset()
        decision.ruleset = rulesetHash(x)
        decision.ledgerPosition = ledgerPosition
        setParties(x)
        let isMonitored = inspector.unmonitoredVerdict != verdict
        decision.enforcement = isMonitored ? .monitor : .enforce
        switch verdict {
        case .allow: decision.verdict = isMonitored ? .monitor : .allow
        case .strip: decision.verdict = .strip
        case .reject:
            decision.verdict = .reject
            decision.set(.cause, "suppressed")
        case .refuse(let refusal):
            decision.verdict = .refuse
            decision.set(.cause, refusal.label)
        }
        x.pointee.screening.verdict = decision.verdict
        var channels: ChannelSet = []
        // A mention that is taken out is evidence; one that stays says nothing that its recipient does not.
        for finding in inspector.recipients where !finding.isMention || finding.fate == .blocked {
            channels.formUnion(ChannelSet(finding.channel))
            let name = inspector.normalForms.bytes.span.extracting(finding.normalForm.range)
            let blocks = finding.fate == .blocked || finding.fate == .dropped
            _ = decision.add(
                finding.kind, identifier: name.extracting(first: DecisionRecord.maximumIdentifier), channel: finding.channel,
                verdict: blocks ? .block : .allow, reason: finding.fate == .allowed ? "" : finding.fate.label)
        }
        decision.channels = channels
        if inspector.isScheduled { noteScheduled(x) }
        if bodyDigest == .always || bodyDigest == .stripOnly && verdict == .strip {
            decision.setReceivedBody(hasher.digest(x.pointee.requestBody.pointee.readable.span))
        }
        count(x, verdict, isMonitored: isMonitored)
    }

    /// Records that a send is for later, and how it is taken back.
    private func noteScheduled(_ x: ExchangePointer) {
        guard let endpoint = x.pointee.screening.endpoint else { return }
        endpoint._withUnsafeGuaranteedRef { endpoint in
            scratch.reset()
            inspector.appendScheduled(endpoint, x.pointee.requestBody.pointee.readable.span, into: &scratch)
            guard !scratch.isEmpty else { return }
            decision.set(.scheduled, scratch.bytes.span)
            scratch.reset()
            let path = x.pointee.request.pointee.fields.bytes(x.pointee.upstreamPath)
            inspector.appendCancel(
                endpoint, path: UnsafeBufferPointer(rebasing: path.prefix { $0 != UInt8(ascii: "?") }).span,
                x.pointee.requestBody.pointee.readable.span, into: &scratch)
            decision.set(.cancel, scratch.bytes.span)
        }
        // The call needs the message's id, and a coded answer cannot be read for it. A signature may cover the field.
        if !x.pointee.screening.isSigned, x.pointee.screening.extras?.rule.signature == nil { _ = askForIdentity(x) }
    }

    /// Of the rules the request began with, which hold for it to its end.
    private func rulesetHash(_ x: ExchangePointer) -> UInt64 {
        x.pointee.screening.rules?._withUnsafeGuaranteedRef { $0.rules.hash } ?? held.rules.hash
    }

    private func setParties(_ x: ExchangePointer) {
        if let adapter = x.pointee.screening.adapter {
            adapter._withUnsafeGuaranteedRef { decision.set(.provider, $0.provider.utf8.span) }
        }
        if let endpoint = x.pointee.screening.endpoint {
            endpoint._withUnsafeGuaranteedRef { decision.set(.endpoint, $0.id.utf8.span) }
        }
        if let program = program(of: x) { decision.set(.program, program.name.span) }
        guard let client = x.pointee.client else { return }
        if let identity = client.pointee.identity {
            decision.set(.client, identity.utf8.span)
        } else {
            decision.set(.client, client.pointee.addressText.bytes.span)
        }
    }

    private func count(_ x: ExchangePointer, _ verdict: Verdict, isMonitored: Bool) {
        let provider = x.pointee.screening.adapterIndex
        switch verdict {
        case .allow: worker.metrics.count(provider: provider, isMonitored ? .monitored : .allowed)
        case .strip: worker.metrics.count(provider: provider, .stripped)
        case .reject: worker.metrics.count(provider: provider, .rejected)
        case .refuse(let refusal):
            worker.metrics.count(provider: provider, .refused)
            worker.metrics.count(cause: Int(refusal.rawValue))
        }
    }

    /// What every record of this turn is stamped with: two clocks are read once, and the writer spells them once.
    private func instant() -> AuditInstant {
        if stampedTurn != worker.now {
            stampedTurn = worker.now
            stamp = .now()
        }
        return stamp
    }

    /// Appends the gathered decision.
    /// - Returns: `false` when the log takes nothing; the request has been answered then.
    func appendDecision(_ x: ExchangePointer) -> Bool {
        switch lane.append(decision, at: instant()) {
        case .queued(let ticket):
            // A send that is judged again keeps the evidence of both judgements; its outcome belongs to the last.
            x.pointee.screening.ticket = ticket
            x.pointee.screening.decision = lane.id(of: ticket)
            return true
        case .full:
            worker.metrics.add(.auditFull)
            answerRefusal(x, .overloaded)
        case .refused:
            worker.metrics.add(.auditFailed)
            answerRefusal(x, .auditUnavailable)
        }
        return false
    }

    /// A request that is turned away before or instead of being judged.
    func refuse(_ x: ExchangePointer, _ refusal: Refusal, detail: UnsafeBufferPointer<UInt8> = .init(start: nil, count: 0)) {
        worker.metrics.count(provider: x.pointee.screening.adapterIndex, .refused)
        worker.metrics.count(cause: Int(refusal.rawValue))
        decision.reset()
        decision.ruleset = rulesetHash(x)
        decision.ledgerPosition = reader.ledgerPosition
        decision.verdict = .refuse
        decision.set(.cause, refusal.label)
        setParties(x)
        if case .queued(let ticket) = lane.append(decision, at: instant()) {
            x.pointee.screening.decision = lane.id(of: ticket)
            x.pointee.screening.verdict = .refuse
        }
        answerRefusal(x, refusal, detail: detail)
    }

    // MARK: Outcomes

    /// One record for what became of a send that was let out. Refusals have no outcome: nothing was sent.
    func appendOutcome(_ x: ExchangePointer) {
        let verdict = x.pointee.screening.verdict
        guard let id = x.pointee.screening.decision, verdict == .allow || verdict == .strip || verdict == .monitor else { return }
        outcome.reset()
        outcome.decision = id
        let status = x.pointee.screening.outcomeStatus
        if status > 0 {
            outcome.result = .answered
            outcome.status = UInt16(clamping: status)
        } else {
            let wasSent = x.pointee.sentAt.microseconds > 0
            outcome.result = wasSent ? .failed : .unsent
            outcome.set(.error, x.pointee.screening.failure?.label ?? "client_gone")
        }
        if x.pointee.sentAt.microseconds > 0 {
            outcome.latency = worker.now.since(x.pointee.sentAt)
            outcome.bytesSent = UInt64(x.pointee.screening.bodySent)
        }
        outcome.bytesReceived = UInt64(x.pointee.responseSent)
        if x.pointee.screening.messageID.count > 0 { x.pointee.screening.messageID.withSpan { outcome.set(.message, $0) } }
        if case .queued = lane.append(outcome, at: instant()) { return }
        worker.metrics.add(.auditFull)
    }

    /// Finds the provider's message id in the answer, where the adapter says it is.
    func noteMessageID(_ x: ExchangePointer) {
        guard x.pointee.screening.messageID.count == 0, x.pointee.screening.kind == .send, let endpoint = x.pointee.screening.endpoint,
            (200..<300).contains(x.pointee.screening.outcomeStatus)
        else { return }
        endpoint._withUnsafeGuaranteedRef { endpoint in
            if case .header(let name)? = endpoint.messageID {
                let fields = x.pointee.response
                let index = name.utf8.span.withUnsafeBufferPointer { fields.pointee.fields.firstIndex(named: $0) }
                if let index { x.pointee.screening.messageID.set(fields.pointee.fields.value(index).span) }
            } else if x.pointee.responseSent == 0 {
                // Only while the start of the body is still here; a longer answer than that names its message early.
                noteMessageID(x, endpoint, in: x.pointee.responseBody.pointee.readable.span)
            }
        }
    }

    /// The same in a body that is at hand.
    func noteMessageID(_ x: ExchangePointer, _ endpoint: Endpoint, in body: Span<UInt8>) {
        var range: Range<Int>?
        switch endpoint.messageID {
        case .path?: range = endpoint.messagePath?.find(in: body)
        case .member(let name)?: range = TopLevelMember.string(name.utf8.span, in: body)
        case .header?, nil: break
        }
        if let range { x.pointee.screening.messageID.set(body.extracting(range)) }
    }

    // MARK: Answers

    /// Every recipient is suppressed: the provider's own error for that. The inspector still holds the request.
    func answerSuppressed(_ x: ExchangePointer) {
        guard let endpoint = x.pointee.screening.endpoint else { return }
        endpoint._withUnsafeGuaranteedRef { endpoint in
            let head = x.pointee.response
            head.pointee.begin(status: endpoint.errors.suppressedStatus)
            endpoint.errors.suppressedContentType.withUnsafeBufferPointer { _ = head.pointee.fields.add("content-type", $0) }
            _ = head.pointee.fields.add("x-should-retry", "false")
            addHeaders(x, endpoint.errors, .suppressed, cause: nil)
            addTrace(x)
            scratch.reset()
            withAuditID(x) { inspector.appendSuppressed(x.pointee.requestBody.pointee.readable.span, auditID: $0.span, into: &scratch) }
            worker.answer(x, body: scratch.bytes)
        }
    }

    /// The headers of the provider's dialect.
    private func addHeaders(_ x: ExchangePointer, _ errors: NativeErrors, _ kind: NativeErrors.Kind, cause: Refusal?) {
        for index in 0..<errors.headerCount(kind) {
            if errors.headerIsRepeated(index, kind) {
                repeatHeader(x, errors.headerName(index, kind))
                continue
            }
            scratch.reset()
            withAuditID(x) { errors.appendHeader(index, kind, cause: cause, auditID: $0.span, into: &scratch) }
            errors.headerName(index, kind).withUnsafeBufferPointer { _ = x.pointee.response.pointee.fields.add($0, scratch.bytes) }
        }
    }

    private func repeatHeader(_ x: ExchangePointer, _ name: [UInt8]) {
        let request = x.pointee.request
        name.withUnsafeBufferPointer { name in
            guard let index = request.pointee.fields.firstIndex(named: name) else { return }
            _ = x.pointee.response.pointee.fields.add(name, request.pointee.fields.value(index))
        }
    }

    private func withAuditID(_ x: ExchangePointer, _ use: (UnsafeBufferPointer<UInt8>) -> Void) {
        guard let id = x.pointee.screening.decision else { return use(UnsafeBufferPointer(start: nil, count: 0)) }
        id.text.span.withUnsafeBufferPointer(use)
    }

    func answerRefusal(
        _ x: ExchangePointer, _ refusal: Refusal, status: Int? = nil,
        detail: UnsafeBufferPointer<UInt8> = .init(start: nil, count: 0)
    ) {
        guard !x.pointee.responseStarted else { return }
        let status = status ?? refusal.status
        if status >= 500, x.pointee.screening.kind == .send { worker.metrics.count(provider: x.pointee.screening.adapterIndex, .failed) }
        let errors = x.pointee.screening.endpoint?._withUnsafeGuaranteedRef { $0.errors }
            ?? x.pointee.screening.adapter?._withUnsafeGuaranteedRef { $0.errors } ?? NativeErrors.generic
        let head = x.pointee.response
        head.pointee.begin(status: status)
        errors.refusedContentType.withUnsafeBufferPointer { _ = head.pointee.fields.add("content-type", $0) }
        _ = head.pointee.fields.add("x-should-retry", "false")
        if status == 503 { _ = head.pointee.fields.add("retry-after", "1") }
        if x.pointee.screening.decision == nil { x.pointee.screening.verdict = .refuse }
        addHeaders(x, errors, .refused, cause: refusal)
        addTrace(x)
        scratch.reset()
        withAuditID(x) {
            errors.appendRefusal(
                refusal, detail: detail.span, field: UnsafeBufferPointer<UInt8>(start: nil, count: 0).span, auditID: $0.span, into: &scratch)
        }
        worker.answer(x, body: scratch.bytes)
    }

    /// The headers by which an operator finds the decision behind any answer.
    func addTrace(_ x: ExchangePointer) {
        let head = x.pointee.response
        let verdict: StaticString =
            switch x.pointee.screening.verdict {
            case .allow: "allow"
            case .strip: "strip"
            case .reject: "reject"
            case .refuse: "refuse"
            case .monitor: "monitor"
            }
        _ = head.pointee.fields.add("stopgate-verdict", verdict.bytes)
        if let id = x.pointee.screening.decision {
            id.text.span.withUnsafeBufferPointer { _ = head.pointee.fields.add("stopgate-audit-id", $0) }
        }
        if x.pointee.screening.stripped > 0 {
            scratch.reset()
            scratch.append(decimal: x.pointee.screening.stripped)
            _ = head.pointee.fields.add("stopgate-stripped", scratch.bytes)
        }
    }
}
