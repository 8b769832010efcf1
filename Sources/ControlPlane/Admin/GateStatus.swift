import Adapters
import Audit
import Dataplane
import Ledger
import Policy
import Suppression

/// How the gate is, in one look.
public struct GateStatus: Codable, Equatable, Sendable {
    public var version: String
    public var ready: Bool
    public var reasons: [String]
    public var warnings: [String]
    public var ruleset: String
    public var providers: [String]
    public var ports: [Int]
    public var workers: Int
    public var ledgerPosition: UInt64
    public var indexPosition: UInt64
    public var suppressedKeys: Int
    public var auditRecords: UInt64
    public var audit: String
    public var uptimeSeconds: Int64

    init(_ parts: GateParts) throws {
        let report = HealthAPI(parts: parts).report()
        let statistics = parts.index.statistics
        version = parts.version
        ready = report.ready
        reasons = report.reasons
        warnings = report.warnings
        ruleset = report.ruleset
        providers = parts.current.providers
        ports = parts.engine.ports
        workers = parts.engine.workerCount
        ledgerPosition = try parts.ledger.lastPosition()
        indexPosition = parts.index.ledgerPosition
        suppressedKeys = statistics.keys + statistics.changes
        auditRecords = parts.audit.counts.records
        audit = "\(parts.audit.state)"
        uptimeSeconds = (ContinuousClock.now - parts.startedAt).components.seconds
    }
}
