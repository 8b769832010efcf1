public import Lists
import Recipients

/// What is to be loaded as a list, and how. The same for the admin API and the command line.
public struct ListOrder: Codable, Equatable, Sendable {
    /// Of the file, on the gate's machine, from the root.
    public var path: String
    /// `phone` or `email`.
    public var kind: String
    /// Names of channels; all when left out.
    public var channels: [String]?
    /// A short code; `list` when left out.
    public var reason: String?
    /// Names or numbers of the columns that hold identifiers.
    public var columns: [String]?
    public var joinColumns: Bool?
    /// `detect`, `present` or `absent`.
    public var header: String?
    /// One character, or `tab`.
    public var separator: String?
    /// Two letters: where numbers without a country code belong.
    public var region: String?
    public var program: String?
    /// Takes a version that has lost more than half.
    public var allowShrink: Bool?
    /// A file to leave rejected rows in.
    public var rejectedRows: String?

    public init(path: String, kind: String) {
        self.path = path
        self.kind = kind
    }

    public func options() throws(SuppressionOrder.Mistake) -> ListOptions {
        for (field, path) in [("path", path), ("rejected_rows", rejectedRows ?? "/")] where !path.hasPrefix("/") {
            throw .init(field: field, what: "'\(path)' does not begin at the root; the gate may run in another directory")
        }
        guard let kind = IdentifierKind(name: kind) else { throw .init(field: "kind", what: "'\(self.kind)' is neither phone nor email") }
        var options = ListOptions(kind: kind, channels: try SuppressionOrder.channels(channels), reason: reason ?? "list")
        options.columns = (columns ?? []).map { ListColumn($0) }
        options.joinsColumns = joinColumns ?? false
        if let header {
            guard let known = ListOptions.Header(rawValue: header) else {
                throw .init(field: "header", what: "'\(header)' is neither detect, present nor absent")
            }
            options.header = known
        }
        if let separator {
            let bytes = Array(separator == "tab" ? "\t".utf8 : separator.utf8)
            guard bytes.count == 1, bytes[0] < 0x80 else { throw .init(field: "separator", what: "'\(separator)' is neither one ASCII character nor tab") }
            options.separator = bytes[0]
        }
        if let region {
            guard let known = Region(region) else { throw .init(field: "region", what: "'\(region)' is no region; write two letters such as US") }
            options.region = known
        }
        options.program = program
        if allowShrink == true { options.limits.leastShare = 0 }
        return options
    }
}
