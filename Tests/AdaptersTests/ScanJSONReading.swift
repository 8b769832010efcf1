import Adapters
import Bytes

/// The fault with which a fresh tape refuses `body`, `nil` when it is accepted. A refused body leaves no nodes.
func jsonFault(_ body: [UInt8], _ limits: JSONLimits = .standard) -> BodyFault? {
    var tape = JSONTape()
    do throws(BodyFault) {
        try tape.scan(body.span, limits: limits)
        return nil
    } catch {
        precondition(tape.count == 0)
        return error
    }
}

func jsonFault(_ body: String, _ limits: JSONLimits = .standard) -> BodyFault? { jsonFault(Array(body.utf8), limits) }

/// The bytes that `write` appends.
func written(_ write: (inout GrowableBytes) -> Void) -> String {
    var out = GrowableBytes()
    write(&out)
    return String(decoding: out.bytes, as: UTF8.self)
}

/// A JSON value as tests compare it. Numbers keep their spelling.
indirect enum JSONTree: Equatable {
    case object([String: JSONTree])
    case array([JSONTree])
    case string(String)
    case number(String)
    case bool(Bool)
    case null

    /// The subtree of `node`, without the nodes in `leavingOut`.
    init(_ tape: borrowing JSONTape, _ node: Int, _ body: [UInt8], leavingOut cuts: Set<Int> = []) {
        switch tape[node].kind {
        case .object:
            var members: [String: JSONTree] = [:]
            for child in tape.children(of: node) where !cuts.contains(child) {
                var key = GrowableBytes()
                tape.appendKey(child, in: body.span, to: &key)
                members[String(decoding: key.bytes, as: UTF8.self)] = JSONTree(tape, child, body, leavingOut: cuts)
            }
            self = .object(members)
        case .array:
            var items: [JSONTree] = []
            for child in tape.children(of: node) where !cuts.contains(child) {
                items.append(JSONTree(tape, child, body, leavingOut: cuts))
            }
            self = .array(items)
        case .string:
            var text = GrowableBytes()
            tape.appendString(node, in: body.span, to: &text)
            self = .string(String(decoding: text.bytes, as: UTF8.self))
        case .number: self = .number(String(decoding: body[tape[node].value.range], as: UTF8.self))
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .null: self = .null
        }
    }
}
