import Bytes

/// A path into a scanned JSON document, followed on its tape: `[*]`, `messages[*].destinations[*]`, `Addresses.{*}`.
public struct BodyPath: Sendable, Hashable {
    private let path: FieldPath
    private let names: [[UInt8]]

    init(_ text: String, path place: String) throws(AdapterProblem) {
        path = try FieldPath(text, path: place)
        names = path.steps.map { if case .member(let name) = $0 { Array(name.utf8) } else { [] } }
        guard !path.steps.contains(.recipient) else { throw AdapterProblem(place, "'{recipient}' has no meaning here") }
    }

    /// Whether it leads to one value at most.
    var isSingle: Bool { !path.steps.contains(.items) && !path.steps.contains(.anyMember) }
    /// Whether it ends in the items of a list, or in the members of a map.
    var endsInItems: Bool { path.steps.last == .items }
    var endsInMembers: Bool { path.steps.last == .anyMember }

    /// Calls `body` with every value the path leads to, in reading order.
    /// - Parameter isLax: whether a member whose name a laxer reader may take for the path's counts too.
    public func forEach(
        _ tape: borrowing JSONTape, in json: Span<UInt8>, isLax: Bool = false, _ body: (Int) -> Void
    ) {
        guard tape.count > 0 else { return }
        follow(0, 0, path.steps.count, tape, json, isLax, body)
    }

    /// The list or map whose items or members the path ends in; `nil` unless there is exactly one.
    public func container(_ tape: borrowing JSONTape, in json: Span<UInt8>) -> Int? {
        guard endsInItems || endsInMembers, tape.count > 0 else { return nil }
        var found: Int?
        var count = 0
        follow(0, 0, path.steps.count - 1, tape, json, false) { node in
            found = node
            count += 1
        }
        guard count == 1, let found, tape[found].kind == (endsInItems ? .array : .object) else { return nil }
        return found
    }

    private func follow(
        _ node: Int, _ step: Int, _ end: Int, _ tape: borrowing JSONTape, _ json: Span<UInt8>, _ isLax: Bool, _ body: (Int) -> Void
    ) {
        guard step < end else { return body(node) }
        switch path.steps[step] {
        case .member:
            let name = names[step]
            switch tape.look(up: name.span, of: node, in: json) {
            case .found(let child): follow(child, step + 1, end, tape, json, isLax, body)
            case .misspelt(let child): if isLax { follow(child, step + 1, end, tape, json, isLax, body) }
            case .absent: break
            }
        case .items, .anyMember:
            guard tape[node].kind == (path.steps[step] == .items ? .array : .object) else { return }
            var child = node + 1
            let stop = Int(tape[node].end)
            while child < stop {
                follow(child, step + 1, end, tape, json, isLax, body)
                child = Int(tape[child].end)
            }
        case .recipient: break
        }
    }
}
