import Adapters
import Audit
import Bytes
import Gate
import HTTPKit

/// Retries under an idempotency key: the provider tells them by the key, and refuses, or worse, takes for another send, what comes
/// with other bytes.
extension ScreeningService {
    /// Reads the key, when the body is there and decoded.
    func readIdempotencyKey(_ x: ExchangePointer, _ extras: SendExtras) {
        guard let rule = extras.rule.idempotency, extras.received == nil else { return }
        let body = x.pointee.requestBody.pointee.readable
        let request = x.pointee.request
        scratchDetail.reset(keeping: 64 << 10)
        x.pointee.screening.endpoint?._withUnsafeGuaranteedRef { scratchDetail.append($0.label) }
        scratchDetail.append(0)
        scratchDetail.append(request.pointee.fields.bytes(x.pointee.upstreamPath))
        scratchDetail.append(0)
        if let value = request.pointee.fields.value(of: .authorization) { scratchDetail.append(value) }
        scratchDetail.append(0)
        let start = scratchDetail.count
        switch rule {
        case .header(let name):
            // Whichever of several a provider takes: all of them make the key.
            var next = name.withUnsafeBufferPointer { request.pointee.fields.firstIndex(named: $0) }
            while let index = next {
                scratchDetail.append(request.pointee.fields.value(index))
                scratchDetail.append(UInt8(ascii: ","))
                next = name.withUnsafeBufferPointer { request.pointee.fields.firstIndex(named: $0, from: index + 1) }
            }
        case .json(let path):
            do throws(BodyFault) { try answerTape.scan(body.span, limits: jsonLimits(x)) } catch { return }
            path.forEach(answerTape, in: body.span, isLax: true) { node in
                scratchDetail.append(body.span.extracting(answerTape[node].value.range))
            }
        case .field(let name):
            var form = FormTape()
            do throws(BodyFault) { try form.scan(body.span) } catch { return }
            if let field = form.field(named: name.span, in: body.span) { form.appendValue(field, in: body.span, to: &scratchDetail) }
        }
        guard scratchDetail.count > start else { return }
        extras.idempotencyKey = IdempotencyCache.Key(digest: hasher.digest(scratchDetail.bytes.span))
        extras.received = hasher.digest(body.span)
    }

    private func jsonLimits(_ x: ExchangePointer) -> JSONLimits {
        x.pointee.screening.endpoint?._withUnsafeGuaranteedRef { $0.jsonLimits } ?? .standard
    }

    /// Holds the verdict against what was decided under the same key before.
    /// - Returns: the verdict that holds. The body may have been replaced by the bytes of the first decision.
    func settle(_ x: ExchangePointer, _ extras: SendExtras, _ verdict: Verdict) -> Verdict {
        guard let key = extras.idempotencyKey, let received = extras.received else { return verdict }
        if case .refuse = verdict { return verdict }
        if case .reject = verdict { return verdict }
        if extras.isDecided {
            // Judged again. What has not left yet, and no retry relies on, may still be decided otherwise.
            if verdict == .allow { return verdict }
            guard idempotency.withdraw(key, owner: extras.owner) else { return rejectWhole(x) }
            extras.isDecided = false
            return verdict
        }
        guard let first = idempotency.adopt(key, received: received, now: worker.now.milliseconds) else { return verdict }
        extras.isDecided = true
        guard let forwarded = first.forwarded else {
            if first.forwardedDigest == nil { return verdict == .allow ? .allow : rejectWhole(x) }
            // Too long to be kept: the bytes are the same only if the same people are taken out.
            guard verdict == .strip else { return rejectWhole(x) }
            rewritten.reset(keeping: 64 << 10)
            inspector.appendRewritten(x.pointee.requestBody.pointee.readable.span, into: &rewritten)
            return hasher.digest(rewritten.bytes.span) == first.forwardedDigest ? .strip : rejectWhole(x)
        }
        rewritten.reset(keeping: 64 << 10)
        rewritten.append(forwarded.span)
        x.pointee.requestBody.pointee.replace(with: &rewritten)
        extras.results = first.results
        extras.isReplayed = true
        let again = inspect(x)
        if again == .allow { x.pointee.screening.stripped = first.stripped }
        return again == .strip ? rejectWhole(x) : again
    }

    /// Judges the request once more as one that may not be changed.
    private func rejectWhole(_ x: ExchangePointer) -> Verdict {
        x.pointee.screening.isSigned = true
        return inspect(x)
    }

    /// Keeps a decision for retries.
    /// - Parameter forwarded: the bytes that will go out; `nil` when they are those that came.
    /// - Returns: `false` when another request under the same key was quicker: this one has to be settled anew.
    func keepDecision(_ x: ExchangePointer, _ extras: SendExtras, forwarded: Span<UInt8>?) -> Bool {
        guard let key = extras.idempotencyKey, let received = extras.received, !extras.isDecided else { return true }
        var bytes: [UInt8]?
        var digest: AuditDigest?
        if let forwarded {
            if forwarded.count <= IdempotencyCache.bodyLimit {
                var copy: [UInt8] = []
                copy.append(forwarded)
                bytes = copy
            } else {
                digest = hasher.digest(forwarded)
            }
        }
        decisions += 1
        let owner = UInt64(worker.index + 1) << 48 | decisions
        let isKept = idempotency.keep(
            key, received: received, forwarded: bytes, forwardedDigest: digest, results: extras.results,
            stripped: x.pointee.screening.stripped + (forwarded == nil ? 0 : inspector.blockedCount), owner: owner, now: worker.now.milliseconds)
        guard isKept else { return false }
        extras.owner = owner
        extras.isDecided = true
        return true
    }

    /// The send leaves now: nobody may decide otherwise under its key.
    func sealDecision(_ extras: SendExtras) {
        if let key = extras.idempotencyKey, extras.owner != 0 { idempotency.seal(key, owner: extras.owner) }
    }

    /// The send is over and never left: what was decided for it binds nobody.
    func forgetDecision(_ extras: SendExtras) {
        if let key = extras.idempotencyKey, extras.owner != 0 { _ = idempotency.withdraw(key, owner: extras.owner) }
    }
}
