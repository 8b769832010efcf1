import Adapters
public import Audit
import Bytes
import Gate
import Glibc
import HTTPKit
import Signing
public import Recipients
public import Suppression

/// Puts every send before the gate: route → body → judge → record → forward, strip or refuse.
///
/// One per worker. The order of a send is: the decision is appended to the audit log, its record is on disk, the
/// suppressions are looked at once more, and only then does a byte go to the provider.
public final class ScreeningService: Service {
    /// Strong, so that a use of it counts no reference; the worker lets go of its services when its loop ends.
    let worker: Worker
    let lane: AuditLane
    let reader: SuppressionReader
    private let cell: ScreeningRulesCell
    private let secret: DigestSecret
    let bodyDigest: AuditSettings.BodyDigest
    @exclusivity(unchecked) private var generation: UInt64 = 0
    @exclusivity(unchecked) private(set) var held: HeldRules
    /// Older rules that requests in flight were judged under.
    @exclusivity(unchecked) private var retired: [HeldRules] = []

    @exclusivity(unchecked) var inspector: Inspector
    /// The rules that ``inspector`` reads identifiers under.
    @exclusivity(unchecked) private var inspecting: Unmanaged<HeldRules>
    @exclusivity(unchecked) var target = RequestTarget()
    @exclusivity(unchecked) var decision = DecisionRecord()
    @exclusivity(unchecked) var outcome = OutcomeRecord()
    @exclusivity(unchecked) var gzip = GzipDecoder()
    @exclusivity(unchecked) var hasher = BodyHasher()
    @exclusivity(unchecked) var scratch = GrowableBytes(capacity: 4096)
    @exclusivity(unchecked) var rewritten = GrowableBytes(capacity: 4096)
    // For the sends of endpoints with extras.
    let idempotency: IdempotencyCache
    @exclusivity(unchecked) var scratchDetail = GrowableBytes(capacity: 256)
    @exclusivity(unchecked) var answerTape = JSONTape()
    @exclusivity(unchecked) var splicer = ResultSplicer()
    /// Decisions kept for retries, counted.
    @exclusivity(unchecked) var decisions: UInt64 = 0
    /// The turn's moment, and the turn it is of.
    @exclusivity(unchecked) var stamp = AuditInstant.now()
    @exclusivity(unchecked) var stampedTurn = MonotonicTime(microseconds: 0)
    /// Sends that wait for their decision to be on disk, in the order of their tickets.
    @exclusivity(unchecked) private var waitingHead: ExchangePointer?
    @exclusivity(unchecked) private var waitingTail: ExchangePointer?

    /// - Parameter idempotency: one for all workers.
    /// - Throws: when the index has no room for another reader.
    public init(
        worker: Worker, rules: ScreeningRulesCell, secret: DigestSecret, index: SuppressionIndex, audit: AuditLog,
        idempotency: IdempotencyCache
    ) throws {
        self.worker = worker
        self.idempotency = idempotency
        cell = rules
        self.secret = secret
        lane = audit.lane(worker.index)
        bodyDigest = audit.settings.bodyDigest
        reader = try index.makeReader()
        guard let first = rules.newer(than: &generation) else { preconditionFailure("a cell always has rules") }
        held = HeldRules(first, secret: secret)
        inspector = Inspector(normaliser: Normaliser(rules: first.identifiers, secret: secret))
        inspecting = .passUnretained(held)
        super.init()
    }

    // MARK: The head

    public override func requestHead(_ exchange: Exchange) {
        let x = exchange.pointer
        adoptRules(x)
        let request = x.pointee.request
        let method = request.pointee.fields.bytes(request.pointee.methodName)
        let host = request.pointee.fields.bytes(request.pointee.authority)
        let path = request.pointee.fields.bytes(request.pointee.path)
        let route = held.rules.routes.route(method: method.span, host: host.span, target: path.span, into: &target) {
            $0.source == .header ? Self.answer($0, request) : .unknown
        }
        switch route {
        case .refuse(let refusal, let adapter):
            note(x, .refused, adapter)
            rewritten.reset(keeping: 64 << 10)
            if refusal == .unmatchedRequest, let adapter {
                adapter.appendUnmatchedDetail(
                    method: method.span, path: target.bytes.span.extracting(0..<target.pathCount), into: &rewritten)
            }
            refuse(x, refusal, detail: rewritten.bytes)
        case .pass(let adapter, let takesBody):
            note(x, .pass, adapter)
            if request.pointee.fields.tokens.intersects(Self.overrides) { return refuse(x, .methodOverride) }
            pass(x, takesBody: takesBody)
        case .send(let adapter, let endpoint):
            note(x, .send, adapter)
            if request.pointee.fields.tokens.intersects(Self.overrides) { return refuse(x, .methodOverride) }
            x.pointee.screening.endpoint = .passUnretained(endpoint)
            take(x, limit: endpoint.bodyLimit)
        case .ask(let adapter, let bodyLimit):
            note(x, .send, adapter)
            if request.pointee.fields.tokens.intersects(Self.overrides) { return refuse(x, .methodOverride) }
            take(x, limit: bodyLimit)
        }
    }

    /// What the request's head says to a match on a header.
    private static func answer(_ match: RequestMatch, _ request: UnsafeMutablePointer<RequestHead>) -> MatchAnswer {
        let fields = RequestFields(request)
        guard let first = fields.index(of: match.name) else { return .differs }
        guard fields.index(of: match.name, from: first + 1) == nil else { return .refused(.nameRepeated) }
        return match.answer(request.pointee.fields.value(first).span)
    }

    /// ``RouteTable/overrideHeaders``. Nothing that has one goes on: a read or a pass write may be a send to the provider.
    private static let overrides: HeaderTokenSet = [.xHTTPMethodOverride, .xHTTPMethod, .xMethodOverride, .xOriginalURL, .xRewriteURL]

    /// Workers look at the rules once per turn; a request keeps the ones it began under.
    private func adoptRules(_ x: ExchangePointer) {
        held.users += 1
        x.pointee.screening.rules = .passUnretained(held)
    }

    private func note(_ x: ExchangePointer, _ kind: ScreeningState.Kind, _ adapter: Adapter?) {
        x.pointee.screening.kind = kind
        guard let adapter else { return }
        x.pointee.screening.adapter = .passUnretained(adapter)
        x.pointee.screening.adapterIndex = held.rules.routes.adapters.firstIndex { $0 === adapter } ?? -1
    }

    /// The largest body of a call that is no send and has to be signed anew. Templates and settings are smaller by far.
    private static let signedPassLimit = 4 << 20

    /// Streams something through that is known not to be a send; what has to be signed anew is taken whole first.
    private func pass(_ x: ExchangePointer, takesBody: Bool) {
        let framing = x.pointee.request.pointee.framing
        if !takesBody, framing != .none, framing != .length(0) {
            refuse(x, .unmatchedRequest)
            return
        }
        guard aim(x) else { return }
        if framing == .none || framing == .length(0) {
            guard signPass(x, payload: nil) else { return }
        } else if passCredential(x) != nil {
            x.pointee.screening.isHeldPass = true
            worker.receive(x, limit: Self.signedPassLimit)
            return
        }
        worker.metrics.count(provider: x.pointee.screening.adapterIndex, .passed)
        worker.stream(x)
        worker.forward(x, to: x.pointee.screening.origin)
    }

    /// Sets the upstream path and origin from the routed target.
    /// - Returns: `false` when the request was refused instead.
    private func aim(_ x: ExchangePointer) -> Bool {
        let stored = target.bytes.withUnsafeBufferPointer { x.pointee.request.pointee.fields.store($0) }
        guard let stored else {
            refuse(x, .headTooLarge)
            return false
        }
        x.pointee.upstreamPath = stored
        guard let origin = held.origin(x.pointee.screening.adapterIndex, host: target.authority, worker: worker) else {
            refuse(x, .unknownHost)
            return false
        }
        x.pointee.screening.origin = origin
        return true
    }

    private func take(_ x: ExchangePointer, limit: Int) {
        let request = x.pointee.request
        if let name = request.pointee.fields.value(of: .stopgateProgram) {
            guard !request.pointee.fields.repeatedTokens.intersects([.stopgateProgram]), let program = held.program(named: name) else {
                refuse(x, .programUnknown)
                return
            }
            x.pointee.screening.program = program
        }
        if request.pointee.fields.repeatedTokens.intersects([.contentType, .contentEncoding]) {
            refuse(x, .contentTypeUnexpected)
            return
        }
        if let coding = request.pointee.fields.value(of: .contentEncoding) {
            if coding.isToken("gzip") {
                x.pointee.screening.isGzip = true
            } else if !coding.isToken("identity") {
                refuse(x, .codingUnexpected)
                return
            }
            x.pointee.droppedFields.insert(.contentEncoding)
        }
        guard reader.isReady else {
            refuse(x, .suppressionsUnavailable)
            return
        }
        guard lane.state.takesDecisions else {
            worker.metrics.add(.auditFailed)
            refuse(x, .auditUnavailable)
            return
        }
        guard aim(x) else { return }
        x.pointee.screening.bodyLimit = limit
        worker.receive(x, limit: limit)
    }

    public override func bodyTooLarge(_ exchange: Exchange) {
        exchange.pointer.pointee.screening.isHeldPass = false
        refuse(exchange.pointer, .bodyTooLarge)
    }

    // MARK: The body

    public override func requestComplete(_ exchange: Exchange) {
        let x = exchange.pointer
        guard x.pointee.screening.kind == .send else {
            // What was never aimed anywhere ends here too: a request without a good head, a refused one.
            guard x.pointee.screening.isHeldPass else { return }
            x.pointee.screening.isHeldPass = false
            guard signPass(x, payload: nil) else { return }
            worker.metrics.count(provider: x.pointee.screening.adapterIndex, .passed)
            release(x)
            return
        }
        x.pointee.screening.received = x.pointee.requestBody.pointee.count
        // A signature is of the bytes as they came.
        let payload = x.pointee.screening.isGzip ? signedPayload(x) : nil
        if x.pointee.screening.isGzip {
            rewritten.reset(keeping: 64 << 10)
            do throws(GzipFault) {
                try gzip.decode(
                    x.pointee.requestBody.pointee.readable.span, limit: x.pointee.screening.bodyLimit, into: &rewritten)
            } catch {
                if case .tooLong = error { refuse(x, .bodyTooLarge) } else { refuse(x, .bodyUndecodable) }
                return
            }
            x.pointee.requestBody.pointee.replace(with: &rewritten)
            worker.charge(x, x.pointee.requestBody.pointee.count)
            if x.pointee.phase != .receiving { return }
        }
        if x.pointee.screening.endpoint == nil, !choose(x, payload: payload) { return }
        noteSignature(x)
        guard readExtras(x, payload: payload) else { return }
        screen(x)
    }

    /// Finds out which of the calls that share a path the request is, now that its body is whole.
    /// - Returns: `false` when it is no send, or none that may go on; it has been dealt with then.
    private func choose(_ x: ExchangePointer, payload: [UInt8]?) -> Bool {
        takeRules(of: x)
        inspector.beginChoice()
        let request = x.pointee.request
        let body = x.pointee.requestBody.pointee.readable
        let (path, query) = splitTarget(x)
        let type = request.pointee.fields.value(of: .contentType)
        let method = request.pointee.fields.bytes(request.pointee.methodName)
        let route = x.pointee.screening.adapter.unsafelyUnwrapped._withUnsafeGuaranteedRef { adapter in
            adapter.decide(method: method.span, path: path.span, query: query.span) { match in
                if match.source == .header { return Self.answer(match, request) }
                return inspector.answer(match, contentType: type?.span, query: query.span, body: body.span, limits: adapter.formLimits)
            }
        }
        switch route {
        case .send(_, let endpoint):
            x.pointee.screening.endpoint = .passUnretained(endpoint)
            return true
        case .pass(_, let takesBody):
            x.pointee.screening.kind = .pass
            if !takesBody, !body.isEmpty {
                refuse(x, .unmatchedRequest)
                return false
            }
            guard signPass(x, payload: payload) else { return false }
            worker.metrics.count(provider: x.pointee.screening.adapterIndex, .passed)
            release(x)
        case .refuse(let refusal, let adapter):
            rewritten.reset(keeping: 64 << 10)
            if refusal == .unmatchedRequest, let adapter {
                adapter.appendUnmatchedDetail(method: method.span, path: path.span, into: &rewritten)
                refuse(x, refusal, detail: rewritten.bytes)
            } else {
                refuse(x, refusal, detail: inspector.detail.bytes)
            }
        case .ask: refuse(x, .internalFault)
        }
        return false
    }

    private func noteSignature(_ x: ExchangePointer) {
        let request = x.pointee.request
        x.pointee.screening.endpoint.unsafelyUnwrapped._withUnsafeGuaranteedRef { endpoint in
            guard let header = endpoint.signatureHeader else { return }
            x.pointee.screening.isSigned = header.withUnsafeBufferPointer { request.pointee.fields.firstIndex(named: $0) != nil }
        }
    }

    /// Path and query as they will go to the provider.
    private func splitTarget(_ x: ExchangePointer) -> (path: UnsafeBufferPointer<UInt8>, query: UnsafeBufferPointer<UInt8>) {
        let target = x.pointee.request.pointee.fields.bytes(x.pointee.upstreamPath)
        guard let base = target.baseAddress, let found = memchr(base, 0x3f, target.count) else { return (target, UnsafeBufferPointer(start: nil, count: 0)) }
        let mark = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        return (UnsafeBufferPointer(rebasing: target[..<mark]), UnsafeBufferPointer(rebasing: target[(mark + 1)...]))
    }

    /// Judges the body as it stands, records the decision and carries it out.
    func screen(_ x: ExchangePointer) {
        let started = MonotonicTime.now()
        // Before the look-ups: a change that lands during them makes the version differ at the last look.
        x.pointee.screening.version = reader.version
        let position = reader.ledgerPosition
        var verdict = inspect(x)
        let extras = x.pointee.screening.extras
        if let extras {
            verdict = settle(x, extras, verdict)
            verdict = settleSignature(extras, verdict)
        }
        worker.metrics.inspection.record(microseconds: MonotonicTime.now().since(started))
        gather(x, verdict, ledgerPosition: position)
        if let extras, !prepare(x, extras, verdict) { return }
        switch verdict {
        case .refuse(let refusal):
            _ = appendDecision(x)
            answerRefusal(x, refusal, detail: refusal == .signatureUnknownKey ? scratchDetail.bytes : inspector.detail.bytes)
            return
        case .reject:
            guard appendDecision(x) else { return }
            answerSuppressed(x)
            return
        case .strip:
            // Extras had to have it for a signature.
            if extras == nil { rewrite(x) }
            if bodyDigest != .never { decision.setForwardedBody(hasher.digest(rewritten.bytes.span)) }
            x.pointee.screening.stripped += inspector.blockedCount
            guard appendDecision(x) else { return }
            x.pointee.requestBody.pointee.replace(with: &rewritten)
            // They speak of the body as the client sent it.
            x.pointee.droppedFields = x.pointee.droppedFields.union([.contentMD5, .digest, .contentDigest])
        case .allow:
            guard appendDecision(x) else { return }
        }
        x.pointee.screening.bodySent = x.pointee.requestBody.pointee.count
        if lane.durable >= x.pointee.screening.ticket { release(x) } else { wait(x) }
    }

    /// A request that began before a reload is read under the rules it began with, as its evidence says.
    private func takeRules(of x: ExchangePointer) {
        guard let rules = x.pointee.screening.rules, rules.toOpaque() != inspecting.toOpaque() else { return }
        inspecting = rules
        let identifiers = rules._withUnsafeGuaranteedRef { $0.rules.identifiers }
        inspector = Inspector(normaliser: Normaliser(rules: identifiers, secret: secret))
    }

    /// Writes the body without those who are blocked into ``rewritten``.
    func rewrite(_ x: ExchangePointer) {
        rewritten.reset(keeping: 64 << 10)
        inspector.appendRewritten(x.pointee.requestBody.pointee.readable.span, into: &rewritten)
    }

    func inspect(_ x: ExchangePointer) -> Verdict {
        takeRules(of: x)
        let request = x.pointee.request
        let (path, query) = splitTarget(x)
        let body = x.pointee.requestBody.pointee.readable
        let isSigned = x.pointee.screening.isSigned
        inspector.program = program(of: x)?.key ?? inspector.anyProgram
        return x.pointee.screening.endpoint.unsafelyUnwrapped._withUnsafeGuaranteedRef { endpoint in
            if let type = request.pointee.fields.value(of: .contentType) {
                return inspector.inspect(
                    endpoint, path: path.span, headers: RequestFields(request), contentType: type.span, query: query.span,
                    body: body.span, isSigned: isSigned, suppressions: reader)
            }
            return inspector.inspect(
                endpoint, path: path.span, headers: RequestFields(request), contentType: nil, query: query.span, body: body.span,
                isSigned: isSigned, suppressions: reader)
        }
    }

    /// The program that the send names.
    func program(of x: ExchangePointer) -> (name: [UInt8], key: ProgramKey)? {
        let index = x.pointee.screening.program
        guard index >= 0, let rules = x.pointee.screening.rules else { return nil }
        return rules._withUnsafeGuaranteedRef { $0.programs[index] }
    }

    // MARK: Waiting for the disk

    private func wait(_ x: ExchangePointer) {
        worker.parked += 1
        worker.enter(x, .parked)
        x.pointee.screening.parkedAt = worker.now
        x.pointee.next = nil
        x.pointee.isQueued = true
        if let waitingTail { waitingTail.pointee.next = x } else { waitingHead = x }
        waitingTail = x
    }

    private func release(_ x: ExchangePointer) {
        worker.forward(x, to: x.pointee.screening.origin)
    }

    public override var wakeDescriptor: Int32? { lane.wakeupDescriptor }

    public override func woken() { lane.drainWakeup() }

    public override func turnEnded() {
        if nearlyAllWait { lane.hurry() }
        lane.publish()
        if waitingHead != nil {
            lane.requestWakeup()
            releaseDurable()
        }
        reader.quiesce()
        if let newer = cell.newer(than: &generation) { adopt(newer) }
    }

    /// Whether so few other requests are under way that a commit gains little by a wait for more of them. Fewer than 32 wait for
    /// their moment all the same: a commit costs as much as ten requests. Fifty HTTP/1.1 connections, which have one request
    /// each, would otherwise send no more than fifty for each ``AuditSettings/maxDelay``.
    private var nearlyAllWait: Bool { worker.parked >= 32 && worker.parked * 4 >= worker.exchangesInUse * 3 }

    private func releaseDurable() {
        let isAlive = lane.state.takesRecords
        let durable = lane.durable
        while let x = waitingHead {
            let isDurable = x.pointee.screening.ticket <= durable
            guard isDurable || !isAlive else { return }
            waitingHead = x.pointee.next
            if waitingHead == nil { waitingTail = nil }
            x.pointee.next = nil
            x.pointee.isQueued = false
            // A request that gave up waiting, or lost its client, only has to be let go.
            guard x.pointee.phase == .parked else {
                worker.recycleIfDone(x)
                continue
            }
            worker.parked -= 1
            worker.metrics.auditWait.record(microseconds: worker.now.since(x.pointee.screening.parkedAt))
            worker.enter(x, .receiving)
            guard x.pointee.client != nil else {
                worker.recycleIfDone(x)
                continue
            }
            if isDurable {
                release(x)
            } else {
                worker.metrics.add(.auditFailed)
                answerRefusal(x, .auditUnavailable)
            }
        }
    }

    private func adopt(_ rules: ScreeningRules) {
        if held.users > 0 { retired.append(held) }
        held = HeldRules(rules, secret: secret)
        inspector = Inspector(normaliser: Normaliser(rules: rules.identifiers, secret: secret))
        inspecting = .passUnretained(held)
        retired.removeAll { $0.users == 0 }
    }

    // MARK: Going out

    /// The last look: an opt-out that was acknowledged while the send waited for the disk or for a connection counts.
    public override func willSend(_ exchange: Exchange) -> Bool {
        let x = exchange.pointer
        guard x.pointee.screening.kind == .send, reader.version != x.pointee.screening.version else { return leaves(x) }
        worker.enter(x, .receiving)
        guard reader.isReady else {
            answerRefusal(x, .suppressionsUnavailable)
            return false
        }
        let version = reader.version
        if inspect(x) == .allow {
            x.pointee.screening.version = version
            return leaves(x)
        }
        worker.metrics.add(.rechecksChanged)
        screen(x)
        return false
    }

    private func leaves(_ x: ExchangePointer) -> Bool {
        if let extras = x.pointee.screening.extras { sealDecision(extras) }
        return true
    }

    public override var verdictVersion: UInt64 { reader.version }

    public override func stillStands(_ exchange: Exchange) -> Bool {
        let x = exchange.pointer
        guard x.pointee.screening.kind == .send, reader.version != x.pointee.screening.version else { return true }
        let version = reader.version
        guard reader.isReady, inspect(x) == .allow else { return false }
        x.pointee.screening.version = version
        return true
    }

    public override func responseHead(_ exchange: Exchange) {
        let x = exchange.pointer
        x.pointee.screening.outcomeStatus = x.pointee.response.pointee.status
        guard x.pointee.screening.kind == .send else { return }
        noteMessageID(x)
        addTrace(x)
        if let extras = x.pointee.screening.extras, holdsResults(x, extras) { exchange.holdResponse() }
    }

    public override func responseComplete(_ exchange: Exchange, isWhole: Bool) {
        guard let extras = exchange.pointer.pointee.screening.extras else { return }
        spliceResults(exchange.pointer, extras, isWhole: isWhole)
    }

    public override func responseData(_ exchange: Exchange) { noteMessageID(exchange.pointer) }

    // MARK: The end

    public override func failed(_ exchange: Exchange, _ failure: ExchangeFailure) {
        let x = exchange.pointer
        x.pointee.screening.failure = failure
        let refusal: Refusal =
            switch failure {
            case .malformed, .misdirected, .bodyTimeout, .bodyTooSlow: .headMalformed
            case .fieldsTooLarge: .headTooLarge
            case .unresolved, .connectFailed, .tlsFailed: .upstreamUnreachable
            case .connectionLost, .malformedResponse: .upstreamFailed
            case .connectTimeout, .firstByteTimeout, .totalTimeout: .upstreamTimeout
            case .overloaded, .pendingFull: .overloaded
            case .parkTimeout: .auditUnavailable
            case .draining: .draining
            }
        if x.pointee.screening.rules == nil { adoptRules(x) }
        answerRefusal(x, refusal, status: failure.status, detail: failure.message.bytes)
    }

    public override func finished(_ exchange: Exchange) {
        let x = exchange.pointer
        if x.pointee.screening.decision != nil { appendOutcome(x) }
        if let extras = x.pointee.screening.extras, x.pointee.sentAt.microseconds == 0 { forgetDecision(extras) }
        worker.metrics.total.record(microseconds: worker.now.since(x.pointee.startedAt))
        if let rules = x.pointee.screening.rules { rules._withUnsafeGuaranteedRef { $0.users -= 1 } }
    }
}
