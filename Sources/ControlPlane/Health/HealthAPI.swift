import Audit
import Dataplane
import Foundation
import Hummingbird
import Ledger
import Policy
import Suppression
import TLSKit

/// `/live`, `/ready` and `/metrics`, on a port of their own. They name nobody.
struct HealthAPI: Sendable {
    /// Why sends do not pass, or pass with a warning.
    struct Report: Encodable, Sendable {
        var ready: Bool
        /// Each keeps sends from passing.
        var reasons: [String]
        /// Worth a look; sends pass.
        var warnings: [String]
        var ruleset: String
        var ledgerPosition: UInt64
    }

    let parts: GateParts
    /// A loop that has not turned for this long is stuck.
    static let turnLimit: UInt64 = 1000

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("live") { _, _ in
            let stuck = stuckWorkers()
            return try Answer.json(["live": AnswerValue(stuck.isEmpty), "stuck_workers": AnswerValue(stuck)], stuck.isEmpty ? .ok : .serviceUnavailable)
        }
        router.get("ready") { _, _ in
            // The ledger and the index may be busy for a moment.
            let report = try await Background.run { self.report() }
            return try Answer.json(report, report.ready ? .ok : .serviceUnavailable)
        }
        router.get("metrics") { _, _ in
            let page = try await Background.run { MetricsPage(parts: parts).text }
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: page)))
        }
        return router
    }

    private func stuckWorkers() -> [Int] {
        let now = MonotonicTime.now().milliseconds
        return parts.engine.metrics.enumerated().filter { _, metrics in
            let turned = metrics.value(.loopTurn)
            return turned > 0 && now > turned + Self.turnLimit
        }.map { $0.offset }
    }

    func report() -> Report {
        var reasons: [String] = [], warnings: [String] = []
        if !parts.index.isReady { reasons.append(parts.readiness.loadingProblem ?? "the suppressions are being loaded") }
        if let failure = parts.feed.failure { reasons.append("the index lacks changes of the ledger: \(failure)") }
        if let failure = parts.ledger.failure { reasons.append("the ledger takes no opt-outs: \(failure)") }
        if !parts.audit.state.takesDecisions { reasons.append("the audit log takes no decisions: \(parts.audit.state)") }
        if parts.audit.state == .lowSpace { warnings.append("the disk of the audit log is nearly full") }
        if parts.readiness.isDraining { reasons.append("the gate is shutting down") }
        let stuck = stuckWorkers()
        if !stuck.isEmpty { reasons.append("event loops \(stuck) are stuck") }
        let current = parts.current
        for certificate in current.material?.certificates ?? [] {
            let days = certificate.daysLeft(now: UnixTime.now())
            if days < 0 { reasons.append("the certificate \(certificate.file) has expired") }
            if (0..<14).contains(days) { warnings.append("the certificate \(certificate.file) expires in \(days) days") }
        }
        if let problem = parts.readiness.reloadProblem { warnings.append("the last reload was refused, the rules before it are in force: \(problem)") }
        return Report(
            ready: reasons.isEmpty, reasons: reasons, warnings: warnings, ruleset: current.ruleset.hashText,
            ledgerPosition: parts.index.ledgerPosition)
    }
}
