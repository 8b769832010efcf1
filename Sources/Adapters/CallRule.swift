import Bytes

/// A compiled ``PassSpec``.
struct CallRule: Sendable {
    /// In upper case; `nil` is every method.
    let method: [UInt8]?
    let path: PathTemplate
    let match: RequestMatch?
    /// Where it stands in the adapter's file.
    let place: String

    /// - Parameters:
    ///   - ignoringFormat: for rules that are to hold in any spelling.
    ///   - index: which of `list` it is, where the file does not say.
    init(_ spec: PassSpec, ignoringFormat: Bool, json: JSONLimits, in list: String, _ index: Int) throws(AdapterProblem) {
        place = "\(list)[\(spec.entry ?? index)]"
        let method = Array(spec.method.utf8)
        guard spec.method == "*" || !method.isEmpty && method.allSatisfy({ RouteBytes.isAlphanumeric($0) && $0 == RouteBytes.upper($0) })
        else { throw AdapterProblem(place, "begin with a method in upper case, or *") }
        self.method = spec.method == "*" ? nil : method
        path = try PathTemplate(spec.path, ignoringFormat: ignoringFormat, path: place)
        if let match = spec.match { self.match = try RequestMatch(match, json: json, path: place) } else { match = nil }
    }

    func holds(_ method: Span<UInt8>) -> Bool {
        guard let wanted = self.method else { return true }
        return RouteBytes.equal(method, wanted)
    }

    /// The same, with HEAD for the GET it is to many servers.
    func holdsRead(_ method: Span<UInt8>) -> Bool {
        guard let wanted = self.method else { return true }
        return RouteBytes.equal(method, wanted)
            || ASCIIText.equal(method, "HEAD".utf8.span) && ASCIIText.equal(wanted.span, "GET".utf8.span)
    }
}
