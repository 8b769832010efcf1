import Adapters
import Foundation
import Recipients

/// Reads `stopgate.yaml`.
enum SettingsReader {
    /// - Returns: the settings as far as they could be read; `file` holds what is wrong.
    static func read(_ file: YAMLFile) -> Settings {
        var settings = Settings()
        guard let root = file.section() else { return settings }
        listeners(root, &settings)
        tls(root, &settings.tls)
        upstream(root, &settings.upstream)
        providers(root, &settings.providers)
        LimitsReader.read(root, &settings.limits)
        storage(root, &settings.storage)
        audit(root, &settings.audit)
        settings.admin.socket = "\(settings.storage.directory)/admin.sock"
        admin(root, &settings.admin)
        dueDates(root, &settings.dueDates)
        intake(root, &settings.intake)
        SigningReader.read(root, &settings.signing)
        recipients(root, &settings.recipients)
        enforcement(root, &settings.enforcement)
        settings.programs = programs(root)
        log(root, &settings.log)
        root.set(&settings.workers, root.integer("workers", in: 0...1024))
        root.set(&settings.drainDeadline, root.duration("drain_deadline"))
        if settings.listeners.contains(where: \.usesTLS), settings.tls.certificates.isEmpty, root.has("listeners") {
            root.report("tls", "a listener with TLS needs a certificate", suggestion: "run 'stopgate certs init', or add tls.certificates")
        }
        root.finish()
        return settings
    }

    private static func listeners(_ root: YAMLSection, _ settings: inout Settings) {
        if !root.has("listeners") { root.missing("listeners", example: "[{role: proxy, address: 127.0.0.1, port: 8443}]") }
        for entry in root.sections("listeners") {
            let role = entry.choice("role", Settings.Listener.Role.self)
            let address = entry.string("address") ?? "0.0.0.0"
            let port = entry.integer("port", in: 0...65_535)
            let usesTLS = entry.boolean("tls") ?? true
            if !entry.has("role") { entry.missing("role", example: "proxy") }
            if !entry.has("port") { entry.missing("port", example: "8443") }
            entry.finish()
            if let role, let port {
                settings.listeners.append(.init(role: role, address: address, port: port, usesTLS: usesTLS))
            }
        }
    }

    private static func tls(_ root: YAMLSection, _ tls: inout Settings.TLS) {
        guard let section = root.section("tls") else { return }
        for entry in section.sections("certificates") {
            let names = entry.strings("names") ?? []
            if let chain = entry.required("chain", example: "certs/gate.pem"), let key = entry.required("key", example: "certs/gate.key") {
                tls.certificates.append(.init(names: names, chainFile: chain, keyFile: key))
            }
            entry.finish()
        }
        section.set(&tls.minimumVersion, section.choice("min_version", Settings.TLS.Version.self))
        section.set(&tls.clientAuthentication, section.choice("client_auth", Settings.TLS.ClientAuthentication.self))
        tls.clientCAFile = section.string("client_ca")
        if tls.clientAuthentication != .none, tls.clientCAFile == nil {
            section.missing("client_ca", example: "certs/clients-ca.pem")
        }
        section.finish()
    }

    private static func upstream(_ root: YAMLSection, _ upstream: inout Settings.Upstream) {
        guard let section = root.section("upstream") else { return }
        upstream.caFile = section.string("ca")
        section.set(&upstream.connectTimeout, section.duration("connect_timeout"))
        section.set(&upstream.firstByteTimeout, section.duration("first_byte_timeout"))
        section.set(&upstream.totalTimeout, section.duration("total_timeout"))
        section.set(&upstream.idleTimeout, section.duration("idle_timeout"))
        section.set(&upstream.connectionsPerOrigin, section.integer("connections_per_origin", in: 1...10_000))
        section.set(&upstream.http2, section.boolean("http2"))
        if let providers = section.section("providers") {
            for name in providers.names() {
                guard let entry = providers.section(name) else { continue }
                upstream.providers[name] = .init(origin: origin(entry, "origin"), connect: origin(entry, "connect"))
                entry.finish()
            }
        }
        section.finish()
    }

    private static func providers(_ root: YAMLSection, _ providers: inout Settings.Providers) {
        guard let section = root.section("providers") else { return }
        providers.enabled = section.strings("enabled")
        if let enabled = providers.enabled, enabled.isEmpty {
            section.report("enabled", "no provider is enabled", suggestion: "name one, or leave the key out: all are enabled then")
        }
        section.finish()
    }

    /// `https://host:port`, `http://host:port`, or `host:port` (TLS).
    static func origin(_ section: YAMLSection, _ key: String) -> OriginSpec? {
        guard let text = section.string(key) else { return nil }
        var rest = text[...]
        var usesTLS = true
        if rest.hasPrefix("https://") {
            rest = rest.dropFirst(8)
        } else if rest.hasPrefix("http://") {
            rest = rest.dropFirst(7)
            usesTLS = false
        }
        var host = rest, port: Int? = usesTLS ? 443 : 80
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            host = rest[rest.index(after: rest.startIndex)..<close]
            let tail = rest[rest.index(after: close)...]
            if !tail.isEmpty { port = tail.first == ":" ? Int(tail.dropFirst()) : nil }
        } else if let colon = rest.lastIndex(of: ":") {
            host = rest[..<colon]
            port = Int(rest[rest.index(after: colon)...])
        }
        guard !host.isEmpty, !host.contains(where: { "/@?# ".contains($0) }), let port, (1...65_535).contains(port) else {
            section.report(key, "'\(text)' is not an origin", suggestion: "write https://host:port, http://host:port or host:port")
            return nil
        }
        return OriginSpec(host: String(host), port: port, usesTLS: usesTLS)
    }

    /// Names that a header field can carry as they are.
    private static func programs(_ root: YAMLSection) -> [String] {
        let names = root.strings("programs") ?? []
        for name in names {
            let isPlain = name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || "-_.".utf8.contains($0) }
            if !isPlain || !(1...100).contains(name.utf8.count) {
                root.report("programs", "'\(name)' is no name of a program", suggestion: "use 1 to 100 letters, digits and - _ .")
            }
        }
        if Set(names).count < names.count { root.report("programs", "a program stands here twice") }
        return names
    }

    private static func storage(_ root: YAMLSection, _ storage: inout Settings.Storage) {
        guard let section = root.section("storage") else { return }
        if let directory = section.string("directory") {
            storage.directory = directory
            storage.ledgerFile = "\(directory)/ledger.sqlite"
            storage.auditDirectory = "\(directory)/audit"
            storage.indexDirectory = "\(directory)/index"
            storage.secretFile = "\(directory)/secret.key"
        }
        section.set(&storage.ledgerFile, section.string("ledger"))
        section.set(&storage.auditDirectory, section.string("audit"))
        section.set(&storage.indexDirectory, section.string("index"))
        section.set(&storage.secretFile, section.string("secret"))
        section.finish()
    }

    private static func audit(_ root: YAMLSection, _ audit: inout Settings.Audit) {
        guard let section = root.section("audit") else { return }
        section.set(&audit.durability, section.choice("durability", Settings.Audit.Durability.self))
        section.set(&audit.syncInterval, section.duration("sync_interval"))
        section.set(&audit.syncBatch, section.integer("sync_batch", in: 1...100_000))
        section.set(&audit.segmentSize, section.size("segment_size"))
        section.finish()
    }

    private static func admin(_ root: YAMLSection, _ admin: inout Settings.Admin) {
        guard let section = root.section("admin") else { return }
        section.set(&admin.socket, section.string("socket"))
        admin.port = section.integer("port", in: 0...65_535)
        if let address = section.string("address") {
            if ["127.0.0.1", "::1"].contains(address) { admin.address = address } else {
                section.report(
                    "address", "the admin API listens on loopback addresses alone", suggestion: "write 127.0.0.1 or ::1, and come from elsewhere by SSH")
            }
        }
        section.set(&admin.healthAddress, section.string("health_address"))
        section.set(&admin.healthPort, section.integer("health_port", in: 0...65_535))
        section.finish()
    }

    private static func dueDates(_ root: YAMLSection, _ dueDates: inout Settings.DueDates) {
        guard let section = root.section("due_dates") else { return }
        section.set(&dueDates.businessDays, section.integer("business_days", in: 1...30))
        if let zone = section.string("time_zone") {
            if TimeZone(identifier: zone) != nil { dueDates.timeZone = zone } else {
                section.report("time_zone", "'\(zone)' is no time zone of this system", suggestion: "write a name such as America/New_York or UTC")
            }
        }
        section.finish()
    }

    private static func intake(_ root: YAMLSection, _ intake: inout Settings.Intake) {
        guard let section = root.section("intake") else { return }
        intake.publicURL = url(section, "public_url")
        if let twilio = section.section("twilio") {
            let variable = twilio.string("auth_token_env"), file = twilio.string("auth_token_file")
            var settings: Settings.TwilioIntake?
            switch (variable, file) {
            case (let variable?, nil): settings = .init(authToken: .environment(variable))
            case (nil, let file?): settings = .init(authToken: .file(file))
            case (nil, nil): twilio.missing("auth_token_env", example: "TWILIO_AUTH_TOKEN")
            case (_?, _?): twilio.report("auth_token_file", "give auth_token_env or auth_token_file, not both")
            }
            // Read first: with no token there are no settings to put it into, and it must count as known all the same.
            let forwardURL = url(twilio, "forward_url")
            settings?.forwardURL = forwardURL
            if let path = twilio.string("path") {
                if path.hasPrefix("/") { settings?.path = path } else { twilio.report("path", "must begin with /") }
            }
            if intake.publicURL == nil, !section.has("public_url") { section.missing("public_url", example: "https://stop.example.com") }
            intake.twilio = settings
            twilio.finish()
        }
        section.finish()
    }

    private static func url(_ section: YAMLSection, _ key: String) -> String? {
        guard let text = section.string(key) else { return nil }
        guard text.hasPrefix("https://") || text.hasPrefix("http://"), !text.contains(" "), !text.hasSuffix("://") else {
            section.report(key, "'\(text)' is not a URL", suggestion: "begin with https:// or http://")
            return nil
        }
        return text.hasSuffix("/") && key == "public_url" ? String(text.dropLast()) : text
    }

    private static func recipients(_ root: YAMLSection, _ rules: inout Settings.RecipientRules) {
        guard let section = root.section("recipients") else { return }
        if let regions = section.strings("default_regions") {
            let bad = regions.first { $0.count != 2 || !$0.allSatisfy { $0.isASCII && $0.isUppercase } }
            if let bad {
                section.report("default_regions", "'\(bad)' is not a region", suggestion: "write two capital letters such as US or GB")
            } else {
                rules.defaultRegions = regions
            }
        }
        section.set(&rules.baseCoversTags, section.boolean("base_covers_tags"))
        section.set(&rules.gmailIgnoresDots, section.boolean("gmail_ignores_dots"))
        section.finish()
    }

    private static func enforcement(_ root: YAMLSection, _ rules: inout Settings.EnforcementRules) {
        guard let section = root.section("enforcement") else { return }
        section.set(&rules.standard, section.choice("default", Settings.Enforcement.self))
        if let providers = section.section("providers") {
            for name in providers.names() { rules.providers[name] = providers.choice(name, Settings.Enforcement.self) }
        }
        if let channels = section.section("channels") {
            for channel in Channel.allCases { rules.channels[channel] = channels.choice(channel.name, Settings.Enforcement.self) }
            channels.finish()
        }
        section.finish()
    }

    private static func log(_ root: YAMLSection, _ log: inout Settings.Log) {
        guard let section = root.section("log") else { return }
        section.set(&log.level, section.choice("level", Settings.Log.Level.self))
        section.set(&log.format, section.choice("format", Settings.Log.Format.self))
        section.finish()
    }
}

extension YAMLSection {
    /// Replaces a default by what the file says, if it says anything.
    func set<Value>(_ target: inout Value, _ value: Value?) {
        if let value { target = value }
    }

    /// A string that must be there.
    func required(_ key: String, example: String) -> String? {
        guard has(key) else {
            missing(key, example: example)
            return nil
        }
        return string(key)
    }
}
