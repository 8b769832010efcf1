public import Recipients

/// How a bulk file is read, and what its rows mean.
public struct ListOptions: Sendable, Equatable {
    /// Phone numbers or e-mail addresses.
    public var kind: IdentifierKind
    /// What the list forbids.
    public var channels: ChannelSet
    /// A short code for explanations: `dnc`, `litigator`, `customer-request` ...
    public var reason: String
    /// The columns that hold identifiers, each by itself. Empty: the column that a header calls `phone`, `email` or the
    /// like, or the only column there is.
    public var columns: [ListColumn] = []
    /// The columns together are one identifier: area code and number, as in the files of the FTC.
    public var joinsColumns = false
    public var header: Header = .detect
    /// What separates columns; `nil` to tell by the first line: comma, semicolon, tab or bar.
    public var separator: UInt8?
    /// Where phone numbers without a country code belong. `nil`: as the installation's rules say, which may mean several
    /// readings of one row and takes ten times as long.
    public var region: Region?
    /// The program that the list is about. Kept and shown; what is enforced is every program.
    public var program: String?
    public var limits = Limits()

    public enum Header: String, Sendable, Equatable, CaseIterable {
        /// The first row is a header when the chosen columns hold no identifier in it: no digit and no `@`.
        case detect, present, absent
    }

    /// When a file is refused. The old version stays in force then.
    public struct Limits: Sendable, Equatable {
        /// Decoded.
        public var bytes: Int64 = 256 << 30
        public var rows = 2_000_000_000
        public var rejectedRows = 1_000_000
        /// Of all rows, above the first hundred rejected: a wrong column must not pass for a list.
        public var rejectedShare = 0.1
        /// A version with fewer keys than this share of the one in force is refused: a download that broke off must not lift
        /// what it lacks. 0 takes any.
        public var leastShare = 0.5
        public init() {}
    }

    public init(kind: IdentifierKind, channels: ChannelSet, reason: String) {
        self.kind = kind
        self.channels = channels
        self.reason = reason
    }
}

/// A column of a bulk file.
public enum ListColumn: Sendable, Equatable, Hashable {
    /// Counted from 1.
    case number(Int)
    /// As the header calls it, without regard to case.
    case name(String)

    /// `3`, or a name.
    public init(_ text: String) {
        if let number = Int(text) { self = .number(number) } else { self = .name(text) }
    }
}

extension ListColumn: CustomStringConvertible {
    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .name(let name): name
        }
    }
}
