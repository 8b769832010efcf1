import Bytes

/// What an adapter knows about a JSON body: a tree beside which the body's own tree is walked.
///
/// One place may have several forms: `to` and `to[*]` say that it is a text or a list of texts. What the shape does not name
/// is unknown, and its text is searched for suppressed identifiers (hardening.md 2.5). The tree lies in flat tables without
/// references, so that walking it copies and counts nothing.
public struct DocumentShape: Sendable {
    /// What becomes of the list above when its last item was taken out.
    public enum WhenEmpty: Sendable, Hashable {
        case reject
        /// The list stays, empty.
        case keep
        /// The nearest enclosing value that stands at this shape node goes too.
        case remove(Int)
    }

    /// What else a place says about the request.
    public enum Mark: UInt8, Sendable {
        /// When the send is to be made.
        case scheduledAllowed, scheduledForbidden
        /// A retry has the same text here.
        case idempotencyKey
    }

    public struct Node: Sendable {
        /// What a text here holds: an index into ``Endpoint/slots``.
        public let slot: Int?
        /// The object here is one recipient by several of its members: an index into ``Endpoint/slots``.
        public let composed: Int?
        /// Whether it is one of those members.
        public let isPart: Bool
        /// Whether an object may stand here, because members or a map are named below.
        public let isObject: Bool
        /// Its members, in ``DocumentShape/members``.
        public let members: Range<Int>
        /// The shape of every member that ``members`` does not name.
        public let anyMember: Int?
        /// The keys that ``members`` does not name are recipients: an index into ``Endpoint/slots``.
        public let keySlot: Int?
        /// The keys name recipients of this slot, whose members go with them.
        public let keyedSlot: Int?
        /// For arrays: the shape of every item.
        public let items: Int?
        /// A switch: an index into ``DocumentShape/overrides``.
        public let override: Int?
        public let mark: Mark?
        /// Those of its members that lead to a recipient or a forbidden override, one bit each.
        public let guarded: UInt64
        /// Those of ``guarded`` that must be there.
        public let required: UInt64
        /// Whether a recipient stands here or below.
        public let leadsToRecipient: Bool
        /// Whether the object around it must have it.
        public let isRequired: Bool
        /// Whether at least one of several places inside of it must hold a recipient.
        public let needsRecipient: Bool
        /// Whether what the shape does not name here is data, not unknown.
        public let isOpen: Bool
        /// Whether it is data and nothing else: there is nothing to look at.
        public let isData: Bool
        /// Set on a list or map whose items or members may be taken out.
        public let whenEmpty: WhenEmpty?
        /// Set on a text that may lose recipients by itself.
        public let textWhenEmpty: WhenEmpty?
        /// Set on a recipient's place (of a key: on the member's value): the enclosing shape node that goes with it.
        public let dropped: Int?
        /// Set on a text whose pieces are aligned with those of the text at this shape node.
        public let alignedWith: Int?
    }

    public struct Member: Sendable {
        public let name: NameTable.Name
        public let node: Int
        /// The other members of its object with the same name in other letters, one bit each: some providers take several
        /// spellings, and no body has two of them.
        public let otherSpellings: UInt64
    }

    public struct Override: Sendable {
        /// The text that turns the switch on; `nil`: anything but `false` and `null`.
        public let value: [UInt8]?
        public let policy: OpaquePolicy
        /// Another text that does: an index into ``DocumentShape/overrides``.
        public let next: Int?
    }

    /// Node 0 is the whole body.
    public let nodes: [Node]
    /// The names of ``Node/members`` of each node.
    @usableFromInline let groups: [NameTable.Group]
    /// The members of all objects; those of one stand together.
    public let members: [Member]
    public let names: NameTable
    public let overrides: [Override]
    /// Names of every member on the way to a recipient: none of them may appear in a query string.
    public let recipientNames: [[UInt8]]

    /// A set of members fits a word.
    static let memberLimit = 64

    init(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        let draft = try DocumentShapeBuilder(endpoint)
        var nodes: [Node] = []
        var groups: [NameTable.Group] = []
        var members: [Member] = []
        var names = NameTable()
        for node in draft.nodes {
            let first = members.count
            var guarded: UInt64 = 0, required: UInt64 = 0
            for (index, member) in node.members.enumerated() {
                var otherSpellings: UInt64 = 0
                for (other, its) in node.members.enumerated() where other != index && ASCIIText.caselessEqual(its.name.span, member.name.span) {
                    otherSpellings |= 1 << UInt64(other)
                }
                members.append(Member(name: names.add(member.name), node: member.node, otherSpellings: otherSpellings))
                let target = draft.nodes[member.node]
                guard target.leadsToRecipient || target.isGuarded else { continue }
                guarded |= 1 << UInt64(index)
                if target.isRequired { required |= 1 << UInt64(index) }
            }
            groups.append(names.makeGroup(members[first...].map(\.name)))
            nodes.append(
                Node(
                    slot: node.slot, composed: node.composed, isPart: node.isPart, isObject: node.isObject, members: first..<members.count, anyMember: node.anyMember,
                    keySlot: node.keySlot, keyedSlot: node.keyedSlot, items: node.items, override: node.override, mark: node.mark,
                    guarded: guarded, required: required, leadsToRecipient: node.leadsToRecipient, isRequired: node.isRequired,
                    needsRecipient: node.needsRecipient, isOpen: node.isOpen, isData: node.isData, whenEmpty: node.whenEmpty,
                    textWhenEmpty: node.textWhenEmpty, dropped: node.dropped, alignedWith: node.alignedWith))
        }
        self.nodes = nodes
        self.groups = groups
        self.members = members
        self.names = names
        overrides = endpoint.overrides.enumerated().map { index, override in
            let next = endpoint.overrides[(index + 1)...].firstIndex { $0.at == override.at }
            return Override(value: override.value.map { RouteBytes.lower($0.utf8) }, policy: override.policy, next: next)
        }
        recipientNames = draft.recipientNames
    }

    /// Which member of the object `node` is called `key`, counted from its first; `nil` when none is.
    /// - Complexity: one probe, most often.
    @inlinable @inline(__always)
    public func member(of node: Int, named key: NameTable.Key, in body: Span<UInt8>) -> Int? {
        names.find(key, of: groups[node], in: body)
    }
}
