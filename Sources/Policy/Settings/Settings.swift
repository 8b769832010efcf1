public import Adapters
public import Recipients

/// What `policies/stopgate.yaml` says, with defaults filled in and everything checked that needs no other file.
///
/// Paths are as written: relative ones start at the working directory of the process. Times are above zero, sizes are bytes.
public struct Settings: Sendable, Equatable {
    public var listeners: [Listener] = []
    public var tls = TLS()
    public var upstream = Upstream()
    public var providers = Providers()
    public var limits = Limits()
    public var storage = Storage()
    public var audit = Audit()
    public var intake = Intake()
    public var signing = SigningSettings()
    public var admin = Admin()
    public var dueDates = DueDates()
    public var recipients = RecipientRules()
    public var enforcement = EnforcementRules()
    /// The programs that sends may name in the header field `Stopgate-Program`.
    public var programs: [String] = []
    /// Event loops; 0 is one for each core.
    public var workers = 0
    /// How long requests in flight may go on after SIGTERM.
    public var drainDeadline: Duration = .seconds(30)
    public var log = Log()

    public init() {}

    /// An address the gate listens on.
    public struct Listener: Sendable, Equatable {
        public enum Role: String, Sendable, CaseIterable {
            /// Takes sends from senders.
            case proxy
            /// Takes webhooks from providers.
            case intake
        }

        public var role: Role
        /// A numeric address: `0.0.0.0`, `127.0.0.1`, `::`.
        public var address: String
        /// 0 lets the kernel choose.
        public var port: Int
        /// Off for listeners behind something that ends TLS on the same machine.
        public var usesTLS: Bool

        public init(role: Role, address: String, port: Int, usesTLS: Bool = true) {
            self.role = role
            self.address = address
            self.port = port
            self.usesTLS = usesTLS
        }
    }

    public struct TLS: Sendable, Equatable {
        public enum ClientAuthentication: String, Sendable, CaseIterable { case none, optional, required }
        public enum Version: String, Sendable, CaseIterable { case v1_2 = "1.2", v1_3 = "1.3" }

        /// The first one is shown to clients that name no host, or one that no certificate covers.
        public var certificates: [Certificate] = []
        public var clientAuthentication = ClientAuthentication.none
        /// PEM file of the CAs that sign client certificates.
        public var clientCAFile: String?
        public var minimumVersion = Version.v1_2

        public init() {}
    }

    /// A certificate by its PEM files.
    public struct Certificate: Sendable, Equatable {
        /// The host names it is shown for; empty means those the certificate itself names.
        public var names: [String]
        public var chainFile: String
        public var keyFile: String

        public init(names: [String] = [], chainFile: String, keyFile: String) {
            self.names = names
            self.chainFile = chainFile
            self.keyFile = keyFile
        }
    }

    public struct Upstream: Sendable, Equatable {
        /// PEM file of the CAs that sign providers' certificates; `nil` is the system's.
        public var caFile: String?
        public var connectTimeout: Duration = .seconds(5)
        public var firstByteTimeout: Duration = .seconds(30)
        public var totalTimeout: Duration = .seconds(60)
        /// Idle upstream connections are closed after this.
        public var idleTimeout: Duration = .seconds(30)
        /// Connections to one origin, for each worker.
        public var connectionsPerOrigin = 64
        /// Whether HTTP/2 is offered to providers.
        public var http2 = true
        /// By provider.
        public var providers: [String: Override] = [:]

        public init() {}

        public struct Override: Sendable, Equatable {
            /// Replaces the provider's own origin; `Host` and SNI change with it.
            public var origin: OriginSpec?
            /// Replaces the address only; `Host` and SNI stay the provider's.
            public var connect: OriginSpec?

            public init(origin: OriginSpec? = nil, connect: OriginSpec? = nil) {
                self.origin = origin
                self.connect = connect
            }
        }
    }

    /// Which adapters are used.
    public struct Providers: Sendable, Equatable {
        /// Names; a last `*` stands for any ending. `nil` is every adapter there is.
        public var enabled: [String]?

        public init() {}

        public func enables(_ provider: String) -> Bool {
            enabled.map { $0.contains { Self.matches(provider, $0) } } ?? true
        }

        static func matches(_ provider: String, _ pattern: String) -> Bool {
            pattern.hasSuffix("*") ? provider.hasPrefix(pattern.dropLast()) : provider == pattern
        }
    }

    public struct Storage: Sendable, Equatable {
        /// Holds everything below unless they say otherwise.
        public var directory = "data"
        public var ledgerFile = "data/ledger.sqlite"
        public var auditDirectory = "data/audit"
        public var indexDirectory = "data/index"
        /// 16 random bytes: the installation's secret for recipient keys.
        public var secretFile = "data/secret.key"

        public init() {}
    }

    public struct Audit: Sendable, Equatable {
        public enum Durability: String, Sendable, CaseIterable {
            /// A decision is on disk before the first byte of its send goes upstream.
            case strict
            /// A send waits for nothing; its decision is on disk within the interval.
            case batch
        }

        public var durability = Durability.strict
        /// The longest time from one sync to the next while there is something to sync. Not given: ``defaultSyncInterval``.
        public var syncInterval: Duration?
        /// Records after which a sync does not wait for the interval.
        public var syncBatch = 256

        /// Where sends wait for it, the time has to be short; where they do not, every sync that is not made saves its cost.
        public var defaultSyncInterval: Duration { durability == .strict ? .milliseconds(4) : .milliseconds(20) }
        public var segmentSize = 64 << 20

        public init() {}
    }

    public struct Intake: Sendable, Equatable {
        /// What stands before the path in the URLs given to providers: `https://stop.example.com`. Signatures cover it.
        public var publicURL: String?
        public var twilio: TwilioIntake?

        public init() {}
    }

    /// Inbound messages from Twilio.
    public struct TwilioIntake: Sendable, Equatable {
        public enum Secret: Sendable, Equatable { case environment(String), file(String) }

        /// The path of the webhook under ``Intake/publicURL``.
        public var path = "/intake/twilio/messages"
        public var authToken: Secret
        /// The customer's own webhook, called after the opt-out is recorded; `nil` answers with empty TwiML.
        public var forwardURL: String?

        public init(authToken: Secret) { self.authToken = authToken }
    }

    public struct Admin: Sendable, Equatable {
        /// Unix socket of the admin API; `nil` is `admin.sock` in the storage directory.
        public var socket = "data/admin.sock"
        /// The admin API's own port, for callers with a token; `nil` for none. Loopback addresses alone.
        public var port: Int?
        public var address = "127.0.0.1"
        /// Where `/live`, `/ready` and `/metrics` are served; loopback.
        public var healthAddress = "127.0.0.1"
        public var healthPort = 9464

        public init() {}
    }

    /// When the law wants an opt-out honoured at the latest. Kept with each; what the gate enforces does not wait for it.
    public struct DueDates: Sendable, Equatable {
        public var businessDays = 10
        /// Where the sender's days begin and end: a name of the tz database.
        public var timeZone = "America/New_York"

        public init() {}
    }

    /// How identifiers are read; the fields of ``Recipients``'s normalisation rules.
    public struct RecipientRules: Sendable, Equatable {
        public var defaultRegions = ["US"]
        /// Whether a suppression of `name@example.com` covers `name+tag@example.com`.
        public var baseCoversTags = true
        public var gmailIgnoresDots = true

        public init() {}
    }

    public enum Enforcement: String, Sendable, CaseIterable {
        case enforce
        /// Blocked recipients are reported and let through.
        case monitor
    }

    /// Where suppressions are enforced. The more specific word wins: channel, then provider, then default.
    public struct EnforcementRules: Sendable, Equatable {
        public var standard = Enforcement.enforce
        public var providers: [String: Enforcement] = [:]
        public var channels: [Channel: Enforcement] = [:]

        public init() {}

        /// The channels of `provider` that are only monitored.
        public func monitored(provider: String) -> ChannelSet {
            Channel.allCases.reduce(into: []) { set, channel in
                if (channels[channel] ?? providers[provider] ?? standard) == .monitor { set.insert(ChannelSet(channel)) }
            }
        }
    }

    public struct Log: Sendable, Equatable {
        public enum Level: String, Sendable, CaseIterable { case trace, debug, info, notice, warning, error, critical }
        public enum Format: String, Sendable, CaseIterable { case text, json }

        public var level = Level.info
        public var format = Format.text

        public init() {}
    }
}
