import Adapters
import Audit
import Bytes
import Gate
import HTTPKit

/// Answers with one result for each item of the request: those that were taken out get one of ours.
extension ScreeningService {
    /// Notes which items the verdict takes out, before the body is replaced, and asks for an answer that can be read.
    func planResults(_ x: ExchangePointer, _ extras: SendExtras) {
        guard let rule = extras.rule.results else { return }
        let plan = inspector.resultPlan(rule, x.pointee.requestBody.pointee.readable.span)
        if extras.results == nil { extras.results = plan } else { extras.results?.add(plan) }
    }

    /// Asks the provider for an answer without content coding.
    /// - Returns: `false` when the head has no room for it.
    func askForIdentity(_ x: ExchangePointer) -> Bool {
        let fields = x.pointee.request
        fields.pointee.fields.withhold([.acceptEncoding])
        return fields.pointee.fields.add("accept-encoding", "identity")
    }

    /// Whether the answer whose head has come is one that has results.
    func holdsResults(_ x: ExchangePointer, _ extras: SendExtras) -> Bool {
        guard let rule = extras.rule.results, extras.results?.cut.isEmpty == false else { return false }
        let status = x.pointee.response.pointee.status
        return rule.status.map { $0 == status } ?? (200..<300).contains(status)
    }

    /// Puts the results in, or says that they are missing.
    func spliceResults(_ x: ExchangePointer, _ extras: SendExtras, isWhole: Bool) {
        let head = x.pointee.response
        guard isWhole, let rule = extras.rule.results, let plan = extras.results, splice(x, rule, plan) else {
            _ = head.pointee.fields.add("stopgate-results", "unspliced")
            return
        }
        // They speak of the answer as the provider sent it.
        head.pointee.fields.withhold([.contentEncoding, .contentMD5, .digest, .contentDigest])
        head.pointee.setLength(x.pointee.responseBody.pointee.count)
    }

    private func splice(_ x: ExchangePointer, _ rule: ResultsRule, _ plan: ResultPlan) -> Bool {
        let head = x.pointee.response
        guard !head.pointee.fields.repeatedTokens.contains(.contentEncoding) else { return false }
        let body = x.pointee.responseBody.pointee.readable
        scratchDetail.reset(keeping: 64 << 10)
        var isCoded = false
        if let coding = head.pointee.fields.value(of: .contentEncoding), !coding.isToken("identity") {
            guard coding.isToken("gzip") else { return false }
            do throws(GzipFault) { try gzip.decode(body.span, limit: 8 << 20, into: &scratchDetail) } catch { return false }
            isCoded = true
            if x.pointee.screening.messageID.count == 0, let endpoint = x.pointee.screening.endpoint {
                endpoint._withUnsafeGuaranteedRef { endpoint in scratchDetail.withSpan { noteMessageID(x, endpoint, in: $0) } }
            }
        }
        rewritten.reset(keeping: 64 << 10)
        let id = x.pointee.screening.decision.map { Array($0.description.utf8) } ?? []
        let isDone = isCoded
            ? scratchDetail.withSpan { splicer.splice(plan, rule, auditID: id.span, answer: $0, into: &rewritten) }
            : splicer.splice(plan, rule, auditID: id.span, answer: body.span, into: &rewritten)
        guard isDone else { return false }
        x.pointee.responseBody.pointee.replace(with: &rewritten)
        return true
    }
}
