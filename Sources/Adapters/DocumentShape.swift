/// What an adapter knows about a JSON body: a tree beside which the body's own tree is walked.
///
/// What the shape does not name is unknown, and its text is searched for suppressed identifiers (hardening.md 2.5). The tree
/// lies in flat tables without references, so that walking it copies and counts nothing.
public struct DocumentShape: Sendable {
    public enum Kind: Sendable, Hashable {
        case object, array
        /// Holds a recipient: an index into ``Endpoint/slots``.
        case recipient(Int)
        /// A boolean that asks the provider to ignore its suppressions.
        case override(OverrideSpec.Policy)
        /// Anything; holds no recipient.
        case data
    }

    /// What becomes of the list above when its last item was taken out.
    public enum WhenEmpty: Sendable, Hashable {
        case reject
        /// The nearest enclosing value that stands at this shape node goes too.
        case remove(Int)
    }

    public struct Node: Sendable {
        public let kind: Kind
        /// Its members, in ``DocumentShape/members``.
        public let members: Range<Int>
        /// For arrays: the shape of every item.
        public let items: Int?
        /// Those of its members that lead to a recipient or a forbidden override, one bit each.
        public let guarded: UInt64
        /// Whether a recipient stands here or below.
        public let leadsToRecipient: Bool
        /// Whether the object around it must have it.
        public let isRequired: Bool
        /// Whether members the shape does not name are data, not unknown.
        public let isOpen: Bool
        /// Set on an array whose items may be taken out.
        public let whenEmpty: WhenEmpty?
        /// Set on a recipient's slot: the enclosing shape node that goes with it.
        public let dropped: Int?
    }

    public struct Member: Sendable {
        public let name: NameTable.Name
        public let node: Int
    }

    /// Node 0 is the whole body.
    public let nodes: [Node]
    /// ``Node/members`` of each node once more, where looking one up copies no node.
    @usableFromInline let ranges: [Range<Int>]
    /// The members of all objects; those of one stand together.
    public let members: [Member]
    public let names: NameTable
    /// Names of every member on the way to a recipient: none of them may appear in a query string.
    public let recipientNames: [[UInt8]]

    /// A set of members fits a word.
    static let memberLimit = 64

    init(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        let draft = try DocumentShapeBuilder(endpoint)
        var nodes: [Node] = []
        var members: [Member] = []
        var names = NameTable()
        for node in draft.nodes {
            let first = members.count
            var guarded: UInt64 = 0
            for (index, member) in node.members.enumerated() {
                members.append(Member(name: names.add(member.name), node: member.node))
                let target = draft.nodes[member.node]
                if target.leadsToRecipient || target.leadsToOverride { guarded |= 1 << UInt64(index) }
            }
            nodes.append(
                Node(
                    kind: node.kind, members: first..<members.count, items: node.items, guarded: guarded,
                    leadsToRecipient: node.leadsToRecipient, isRequired: node.isRequired, isOpen: node.isOpen,
                    whenEmpty: node.whenEmpty, dropped: node.dropped))
        }
        self.nodes = nodes
        ranges = nodes.map(\.members)
        self.members = members
        self.names = names
        recipientNames = draft.recipientNames
    }

    /// Which member of the object `node` is called `key`, counted from its first; `nil` when none is.
    /// - Complexity: one comparison of two words for each member, and the rest of a long name once.
    @inlinable
    public func member(of node: Int, named key: NameTable.Key, in body: Span<UInt8>) -> Int? {
        let range = ranges[node]
        for index in range where names.matches(members[index].name, key, in: body) { return index &- range.lowerBound }
        return nil
    }
}
