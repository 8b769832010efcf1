import Foundation
import Logging
import Policy
import Synchronization

/// Reads the policies and certificates again when they change or when somebody asks. All or nothing: a set with a mistake changes
/// nothing, is logged, and shows in `/ready` and the metrics until it is mended.
final class Reloader: Sendable {
    private let parts: GateParts
    private let directory: String
    private let environment: [String: String]
    /// What the files looked like when they were last read. Held while reloading, so that reloads take turns.
    private let seen: Mutex<[String: Date]>

    init(parts: GateParts, directory: String, environment: [String: String]) {
        self.parts = parts
        self.directory = directory
        self.environment = environment
        seen = Mutex(Self.times(Self.files(directory, parts.current.settings)))
    }

    /// - Throws: what is wrong, already logged.
    func reload() throws { try seen.withLock { try reload(&$0) } }

    /// Reloads when a file has changed since the last time.
    func reloadIfChanged() {
        seen.withLock { seen in
            guard Self.times(Self.files(directory, parts.current.settings)) != seen else { return }
            // What is wrong was logged and is kept for /ready.
            try? reload(&seen)
        }
    }

    private func reload(_ seen: inout [String: Date]) throws {
        // Taken before the files are read: a change in between is then found at the next look.
        seen = Self.times(Self.files(directory, parts.current.settings))
        do {
            let newer = try GateRules.load(directory: directory, environment: environment)
            let old = parts.current
            if newer.ruleset.hash != old.ruleset.hash { note("ruleset-published", newer.ruleset.hashText) }
            try parts.publish(newer)
            seen = Self.times(Self.files(directory, newer.settings)).merging(seen) { $1 }
            parts.readiness.reloaded(nil)
            parts.logger.notice(
                "reloaded",
                metadata: [
                    "ruleset": "\(newer.ruleset.hashText.prefix(16))", "changed": "\(newer.ruleset.hash != old.ruleset.hash)",
                ])
            let waiting = Self.needingRestart(from: parts.startSettings, to: newer.settings)
            if !waiting.isEmpty {
                parts.logger.warning("changed settings take effect at the next start only", metadata: ["settings": "\(waiting.joined(separator: ", "))"])
            }
        } catch {
            parts.readiness.reloaded("\(error)")
            note("reload-refused", nil)
            parts.logger.error("reload refused; the old rules stay in force", metadata: ["problem": "\(error)"])
            throw error
        }
    }

    /// Better new rules without a record of their coming than none: every decision names the rules it was made under.
    private func note(_ what: String, _ detail: String?) {
        do {
            try parts.events.announce(what, actor: "stopgate", detail: detail)
        } catch {
            parts.logger.error("a reload is not in the audit log", metadata: ["cause": "\(error)"])
        }
    }

    /// The settings that differ and are read only once.
    static func needingRestart(from start: Settings, to now: Settings) -> [String] {
        var names: [String] = []
        if start.listeners != now.listeners { names.append("listeners") }
        if start.storage != now.storage { names.append("storage") }
        if start.audit != now.audit { names.append("audit") }
        if start.limits != now.limits { names.append("limits") }
        if start.admin != now.admin { names.append("admin") }
        if start.dueDates != now.dueDates { names.append("due_dates") }
        if start.workers != now.workers { names.append("workers") }
        if start.drainDeadline != now.drainDeadline { names.append("drain_deadline") }
        if start.log != now.log { names.append("log") }
        var upstream = now.upstream
        // These two are part of the rules.
        upstream.providers = start.upstream.providers
        upstream.http2 = start.upstream.http2
        if start.upstream != upstream { names.append("upstream") }
        return names
    }

    private static func files(_ directory: String, _ settings: Settings) -> [String] {
        var files = ["\(directory)/stopgate.yaml"]
        for folder in ["providers", "channels"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)")) ?? []
            files += names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.map { "\(directory)/\(folder)/\($0)" }
        }
        for certificate in settings.tls.certificates { files += [certificate.chainFile, certificate.keyFile] }
        if let authorities = settings.tls.clientCAFile { files.append(authorities) }
        files += settings.signing.files
        if case .file(let path)? = settings.intake.twilio?.authToken { files.append(path) }
        return files
    }

    private static func times(_ files: [String]) -> [String: Date] {
        files.reduce(into: [:]) { times, file in
            times[file] = (try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate]) as? Date ?? .distantPast
        }
    }
}
