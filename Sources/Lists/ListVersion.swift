public import Foundation
public import Recipients

/// What is known of one version of a list. Lies in the header of its file; holds no identifier.
public struct ListVersion: Sendable, Equatable {
    public let name: String
    /// A number that grows with each load, and eight random digits.
    public let id: String
    public let source: Source
    public let options: ListOptions
    /// Rows of the file, the header not counted, and those that were not taken.
    public let rows: Int
    public let rejected: Int
    /// Different keys. A row may make more than one, and several rows the same.
    public let keys: Int
    /// Names the rules that the identifiers were read under (`NormalisationRules.fingerprint`).
    public let rules: String
    /// Names the digest secret.
    public let secretID: UInt64
    public let createdAt: Date

    /// The file that it was made of.
    public struct Source: Sendable, Equatable, Codable {
        public let path: String
        public let bytes: Int64
        /// In hex.
        public let sha256: String
    }

    /// The time, as exactly as it is kept.
    static func now() -> Date { Date(timeIntervalSince1970: (Date().timeIntervalSince1970 * 1000).rounded() / 1000) }

    public var channels: ChannelSet { options.channels }
    public var reason: String { options.reason }
}

extension ListVersion: Codable {
    private enum Key: String, CodingKey { case name, id, source, options, rows, rejected, keys, rules, secret, created }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        name = try values.decode(String.self, forKey: .name)
        id = try values.decode(String.self, forKey: .id)
        source = try values.decode(Source.self, forKey: .source)
        options = try values.decode(ListOptions.self, forKey: .options)
        rows = try values.decode(Int.self, forKey: .rows)
        rejected = try values.decode(Int.self, forKey: .rejected)
        keys = try values.decode(Int.self, forKey: .keys)
        rules = try values.decode(String.self, forKey: .rules)
        secretID = try values.decode(UInt64.self, forKey: .secret)
        createdAt = Date(timeIntervalSince1970: Double(try values.decode(Int64.self, forKey: .created)) / 1000)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(name, forKey: .name)
        try values.encode(id, forKey: .id)
        try values.encode(source, forKey: .source)
        try values.encode(options, forKey: .options)
        try values.encode(rows, forKey: .rows)
        try values.encode(rejected, forKey: .rejected)
        try values.encode(keys, forKey: .keys)
        try values.encode(rules, forKey: .rules)
        try values.encode(secretID, forKey: .secret)
        try values.encode(Int64((createdAt.timeIntervalSince1970 * 1000).rounded()), forKey: .created)
    }
}

extension ListOptions: Codable {
    private enum Key: String, CodingKey {
        case kind, channels, reason, columns, joins = "joins_columns", header, separator, region, program
    }

    /// The limits are of one load, and not kept.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        func reading<T>(_ key: Key, _ value: T?) throws -> T {
            guard let value else { throw DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: "unknown value") }
            return value
        }
        let kind = try reading(.kind, IdentifierKind(name: try values.decode(String.self, forKey: .kind)))
        var channels: ChannelSet = []
        for name in try values.decode([String].self, forKey: .channels) {
            channels.formUnion(ChannelSet(try reading(.channels, Channel(name: name))))
        }
        self.init(kind: kind, channels: channels, reason: try values.decode(String.self, forKey: .reason))
        // Names carry a sign, because a column may be called 3.
        columns = try values.decode([String].self, forKey: .columns).map { $0.hasPrefix("=") ? .name(String($0.dropFirst())) : ListColumn($0) }
        joinsColumns = try values.decode(Bool.self, forKey: .joins)
        header = try reading(.header, Header(rawValue: try values.decode(String.self, forKey: .header)))
        separator = try values.decodeIfPresent(UInt8.self, forKey: .separator)
        region = try values.decodeIfPresent(String.self, forKey: .region).map { try reading(.region, Region($0)) }
        program = try values.decodeIfPresent(String.self, forKey: .program)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(kind.name, forKey: .kind)
        try values.encode(channels.channels.map(\.name), forKey: .channels)
        try values.encode(reason, forKey: .reason)
        try values.encode(columns.map { if case .name(let name) = $0 { "=" + name } else { $0.description } }, forKey: .columns)
        try values.encode(joinsColumns, forKey: .joins)
        try values.encode(header.rawValue, forKey: .header)
        try values.encodeIfPresent(separator, forKey: .separator)
        try values.encodeIfPresent(region?.description, forKey: .region)
        try values.encodeIfPresent(program, forKey: .program)
    }

    /// Whether both read the same rows from the same file, with the same meaning.
    func meansTheSame(as other: ListOptions) -> Bool {
        var other = other
        other.limits = limits
        return self == other
    }
}
