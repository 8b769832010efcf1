import Adapters
import Audit
import Dataplane
import Ledger
import Policy
import Suppression
import TLSKit

/// Everything countable as Prometheus text, summed over the workers. Names nobody.
struct MetricsPage {
    let text: String

    init(parts: GateParts) {
        var out = PrometheusText()
        let workers = parts.engine.metrics
        Self.requests(parts, workers, &out)
        for counter in Counter.allCases {
            out.family("stopgate_\(counter.metricName)_total", .counter, "Engine counter \(counter.metricName).")
            out.sample(workers.reduce(0) { $0 + $1.value(counter) })
        }
        Self.histograms(workers, &out)
        Self.gauges(workers, &out)
        Self.stores(parts, &out)
        Self.process(parts, &out)
        text = out.text
    }

    private static func requests(_ parts: GateParts, _ workers: [WorkerMetrics], _ out: inout PrometheusText) {
        out.family("stopgate_requests_total", .counter, "Requests by provider and verdict.")
        for (provider, counts) in parts.tally.totals {
            for (outcome, count) in zip(WorkerMetrics.Outcome.allCases, counts) {
                out.sample(count, ["provider": provider, "verdict": "\(outcome)"])
            }
        }
        out.family("stopgate_refusals_total", .counter, "Refused requests by cause.")
        for refusal in Refusal.allCases {
            out.sample(workers.reduce(0) { $0 + $1.value(cause: Int(refusal.rawValue)) }, ["cause": "\(refusal.label)"])
        }
        out.family("stopgate_intake_webhooks_total", .counter, "Inbound webhooks by what became of them.")
        for (label, count) in parts.intakeCounters.snapshot { out.sample(count, ["result": label]) }
    }

    private static func histograms(_ workers: [WorkerMetrics], _ out: inout PrometheusText) {
        let families: [(String, String, (WorkerMetrics) -> Histogram)] = [
            ("inspection", "Reading and judging one body.", { $0.inspection }),
            ("audit_wait", "Waiting for a decision to be on disk.", { $0.auditWait }),
            ("upstream", "From the first byte to the provider to its answer.", { $0.upstream }),
            ("request", "From the head of a request to the end of its answer.", { $0.total }),
        ]
        for (name, help, histogram) in families {
            out.family("stopgate_\(name)_seconds", .histogram, help)
            var counts = Array(repeating: UInt64(0), count: Histogram.bucketCount)
            var sum: UInt64 = 0
            for worker in workers {
                let snapshot = histogram(worker).snapshot()
                for index in counts.indices { counts[index] += snapshot.counts[index] }
                sum += snapshot.sumMicroseconds
            }
            out.histogram("stopgate_\(name)_seconds", counts, sumMicroseconds: sum)
        }
    }

    private static func gauges(_ workers: [WorkerMetrics], _ out: inout PrometheusText) {
        for gauge in WorkerMetrics.Gauge.allCases where gauge != .loopTurn {
            let name = "\(gauge)".reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
            out.family("stopgate_\(name)", .gauge, "Engine gauge \(name), all workers.")
            out.sample(workers.reduce(0) { $0 + $1.value(gauge) })
        }
        let now = MonotonicTime.now().milliseconds
        out.family("stopgate_loop_turn_age_seconds", .gauge, "Time since each event loop last turned.")
        for (number, worker) in workers.enumerated() {
            let turn = worker.value(.loopTurn)
            out.sample(now > turn ? Double(now - turn) / 1000 : 0, ["worker": "\(number)"])
        }
    }

    private static func stores(_ parts: GateParts, _ out: inout PrometheusText) {
        let statistics = parts.index.statistics
        out.gauge("stopgate_index_keys", "Suppressed keys in the snapshot.", Double(statistics.keys))
        out.gauge("stopgate_index_changes", "Keys changed since the snapshot.", Double(statistics.changes))
        out.gauge("stopgate_index_bytes", "Memory of the index.", Double(statistics.mappedBytes + statistics.changeBytes))
        out.gauge("stopgate_index_ready", "1 when the index is loaded.", parts.index.isReady ? 1 : 0)
        out.gauge("stopgate_index_ledger_position", "Last ledger event the index includes.", Double(parts.index.ledgerPosition))
        let last = try? parts.ledger.lastPosition()
        out.gauge("stopgate_ledger_position", "Last event of the ledger.", Double(last ?? 0))
        out.gauge("stopgate_index_lag_events", "Events the index is behind the ledger.", Double(max(0, Int(last ?? 0) - Int(parts.index.ledgerPosition))))
        out.gauge("stopgate_ledger_up", "1 while the ledger takes events.", parts.ledger.failure == nil && last != nil ? 1 : 0)
        out.gauge("stopgate_reviews_waiting", "Signals that wait for a human.", Double((try? parts.ledger.countNeedingReview()) ?? 0))
        let audit = parts.audit
        out.gauge("stopgate_audit_up", "1 while the audit log takes decisions.", audit.state.takesDecisions ? 1 : 0)
        out.gauge("stopgate_audit_low_space", "1 when the audit log's disk is nearly full.", audit.state == .lowSpace ? 1 : 0)
        out.family("stopgate_audit_records_total", .counter, "Records written.")
        out.sample(audit.counts.records)
        out.family("stopgate_audit_commits_total", .counter, "Writes with their syncs.")
        out.sample(audit.counts.commits)
        out.family("stopgate_audit_event_failures_total", .counter, "Events that could not be written to the audit log.")
        out.sample(parts.events.failureCount)
    }

    private static func process(_ parts: GateParts, _ out: inout PrometheusText) {
        let current = parts.current
        out.family("stopgate_certificate_days_left", .gauge, "Whole days until a certificate expires.")
        for certificate in current.material?.certificates ?? [] {
            out.sample(Double(certificate.daysLeft(now: UnixTime.now())), ["file": certificate.file])
        }
        let reloads = parts.readiness.reloadCounts
        out.family("stopgate_reloads_total", .counter, "Reloads by result.")
        out.sample(reloads.good, ["result": "good"])
        out.sample(reloads.bad, ["result": "refused"])
        out.gauge("stopgate_reload_refused", "1 while the newest files are not in force.", parts.readiness.reloadProblem == nil ? 0 : 1)
        out.family("stopgate_ruleset_info", .gauge, "The rules in force.")
        out.sample(1.0, ["hash": current.ruleset.hashText])
        out.family("stopgate_build_info", .gauge, "The program.")
        out.sample(1.0, ["version": parts.version])
        let facts = ProcessFacts()
        out.gauge("process_resident_memory_bytes", "Resident memory.", Double(facts.residentBytes))
        out.gauge("process_open_fds", "Open descriptors.", Double(facts.descriptors))
        out.gauge("process_threads", "Threads.", Double(facts.threads))
        out.gauge("stopgate_uptime_seconds", "Time since the start.", Double((ContinuousClock.now - parts.startedAt).components.seconds))
    }
}
