import Audit
import Dataplane
import Dispatch
import Foundation
public import Ledger
import Lists
import Logging
public import Policy
public import Recipients
import Suppression
import Synchronization
import TLSKit

/// Everything a gate is made of but its control servers, put together once, in the order of who needs whom.
final class GateParts: Sendable {
    /// Listeners, storage and limits are those of the start, whatever a reload says.
    let startSettings: Settings
    let version: String
    let logger: Logger
    let startedAt = ContinuousClock.now
    let secret: DigestSecret
    let auditKey: AuditKey
    let audit: AuditLog
    let events: EventAudit
    let ledger: PreferenceLedger
    let index: SuppressionIndex
    let lists: ListStore
    let feed: SuppressionFeed
    let engine: Engine
    let barrier: WorkerBarrier
    let committer: OptOutCommitter
    let intakeCounters = IntakeCounters()
    let readiness = Readiness()
    let tally: ProviderTally
    private let loader: IndexLoader
    private let screeningCell: ScreeningRulesCell
    private let intakeCell: IntakeRulesCell
    private let rules: Mutex<GateRules>
    private let hasJoined = Mutex(false)

    /// The rules in force.
    var current: GateRules { rules.withLock { $0 } }
    var identifiers: IdentifierReader { IdentifierReader(rules: current.identifiers) }

    init(rules: GateRules, version: String, logger: Logger) throws {
        let settings = rules.settings, storage = rules.settings.storage
        startSettings = settings
        self.version = version
        self.logger = logger
        self.rules = Mutex(rules)
        let workers = settings.workers > 0 ? settings.workers : ProcessInfo.processInfo.activeProcessorCount
        guard workers <= 255 else { throw StartProblem("workers: \(workers) is above 255, which the audit log has lanes for") }
        for directory in [storage.directory, storage.indexDirectory] { try Self.makeDirectory(directory) }
        if try InstallationBackup.complete(storage) { logger.notice("a restore that was cut off is finished") }
        // The ledger's lock first: it tells a second gate from a first in one clear sentence.
        ledger = try PreferenceLedger(path: storage.ledgerFile, dueDates: DueDateRule(settings.dueDates))
        switch try SecretRotation.complete(SecretRotation.Paths(storage)) {
        case .none: break
        case .completed: logger.notice("the digest secret was exchanged; index and lists are those made under the new one")
        case .discarded(let cause): logger.error("a prepared exchange of the digest secret was given up", metadata: ["cause": "\(cause)"])
        }
        secret = try DigestSecret(installation: storage.secretFile)
        auditKey = try AuditKey.loadOrCreate("\(storage.directory)/audit.key")
        audit = try AuditLog(directory: storage.auditDirectory, key: auditKey, lanes: workers, settings: AuditSettings(settings.audit))
        if audit.recovery.cutBytes > 0 {
            logger.warning(
                "the audit log had an unsealed end, as a crash leaves it; it was cut and kept",
                metadata: ["bytes": "\(audit.recovery.cutBytes)", "kept_as": "\(audit.recovery.cutFile ?? "")"])
        }
        index = try SuppressionIndex(directory: storage.indexDirectory, secretID: secret.checkValue)
        lists = try ListStore(directory: storage.listsDirectory, index: index, secret: secret, rules: rules.identifiers)
        feed = SuppressionFeed(index: index, secret: secret)
        events = EventAudit(log: audit, logger: logger)
        screeningCell = ScreeningRulesCell(rules.screening)
        intakeCell = IntakeRulesCell(rules.intake)
        let lateCommitter = LateCommitter()
        let idempotency = IdempotencyCache()
        let shared = IntakeService.Shared(
            rules: intakeCell, committer: lateCommitter, audit: events, counters: intakeCounters, logger: logger)
        engine = try Engine(
            Engine.Configuration(
                workers: workers, limits: EngineLimits(settings),
                listeners: settings.listeners.map { listener in
                    ListenerSpec(
                        address: listener.address, port: listener.port, service: listener.role == .proxy ? 0 : 1,
                        tls: listener.usesTLS ? rules.material : nil)
                },
                upstream: TLSClientSettings(authorities: settings.upstream.caFile),
                services: { [screeningCell, secret, index, audit] worker in
                    [
                        try ScreeningService(worker: worker, rules: screeningCell, secret: secret, index: index, audit: audit, idempotency: idempotency),
                        IntakeService(worker: worker, shared: shared),
                    ]
                }))
        tally = ProviderTally(names: rules.providers, workers: engine.metrics)
        barrier = WorkerBarrier(engine: engine)
        committer = OptOutCommitter(ledger: ledger, feed: feed, barrier: barrier)
        lateCommitter.set(committer)
        loader = IndexLoader(ledger: ledger, index: index, lists: lists, feed: feed, secret: secret, logger: logger)
    }

    /// The keys that a send to `text` is looked up under.
    func lookupKeys(_ text: String, _ kind: IdentifierKind) throws -> [RecipientKey] {
        try InstallationLists.lookupKeys(text, kind, rules: current.identifiers, secret: secret)
    }

    private static func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StartProblem("storage: the directory \(path) cannot be made: \(error.localizedDescription)")
        }
    }

    /// Loads the index and opens the gate.
    func load() async {
        do {
            try await Background.run { [loader] in try loader.load() }
            logger.notice("suppressions loaded", metadata: ["ledger_position": "\(index.ledgerPosition)"])
        } catch {
            readiness.setLoading("the index could not be loaded: \(error)")
            logger.critical("the suppressions could not be loaded; nothing passes", metadata: ["cause": "\(error)"])
        }
    }

    /// Puts newer rules in force: for requests that begin from now on.
    func publish(_ newer: GateRules) throws {
        if let material = newer.material {
            for (position, listener) in startSettings.listeners.enumerated() where listener.usesTLS {
                try engine.replaceCertificates(listener: position, material)
            }
        }
        tally.rename(newer.providers)
        screeningCell.publish(newer.screening)
        lists.replaceRules(newer.identifiers)
        intakeCell.publish(newer.intake)
        rules.withLock { $0 = newer }
    }

    /// Chores of once a second.
    func maintain() {
        if index.isReady { loader.compact(atLeast: 100_000) }
        index.reclaim()
    }

    func beginDrain() {
        readiness.setDraining()
        engine.drain()
    }

    /// Waits until every event loop has ended. May be called again.
    func awaitDrain() {
        // A thread can be joined once only.
        hasJoined.withLock { hasJoined in
            if !hasJoined { engine.join() }
            hasJoined = true
        }
        barrier.engineEnded()
    }

    /// Ends what is left. Nothing may be committed any more.
    func stop() {
        engine.stop()
        awaitDrain()
        // The next start then has nothing to replay.
        if index.isReady { loader.compact(atLeast: 1) }
        audit.close()
    }
}

extension DigestSecret {
    /// The installation's secret in the file at `path`, made at the first start.
    public init(installation path: String) throws {
        let bytes = try InstallationSecret.loadOrCreate(path: path).bytes
        guard let secret = DigestSecret(bytes) else { throw StartProblem("\(path): holds \(bytes.count) bytes instead of 16") }
        self = secret
    }

    /// Tells a snapshot made under this secret from one made under another; says nothing about the secret.
    public var checkValue: UInt64 {
        RecipientKey(kind: .external, normalised: Array("stopgate index".utf8).span, secret: self).low
    }
}

extension DueDateRule {
    /// What `due_dates` of stopgate.yaml says. A zone that has gone since it was read is New York's.
    public init(_ settings: Settings.DueDates) {
        self = DueDateRule(businessDays: settings.businessDays, timeZone: settings.timeZone) ?? .standard
    }
}

extension AuditSettings {
    /// What `audit` of stopgate.yaml says.
    init(_ settings: Settings.Audit) {
        self.init()
        let interval = (settings.syncInterval ?? settings.defaultSyncInterval).wholeMilliseconds
        durability = settings.durability == .strict ? .strict : .batch(interval: min(interval, 60_000))
        maxDelay = min(interval, 1000)
        batchRecords = settings.syncBatch
        segmentBytes = settings.segmentSize
    }
}
