import Adapters

/// What goes from a form with its blocked recipients. Worked out from the findings alone, so that it can be done again when
/// the suppressions have changed; the body is cut later.
struct FormCuts {
    /// A field, or all fields with one number.
    struct Item: Hashable {
        /// An index into ``FormStrip/rules``.
        let rule: Int
        let numbers: FormPattern.Numbers
        /// -1 for what goes by its number.
        let field: Int

        init(_ rule: Int, _ strip: FormStrip, _ numbers: FormPattern.Numbers, field: Int) {
            self.rule = rule
            self.numbers = numbers.prefix(strip.rules[rule].place.numbers)
            self.field = strip.rules[rule].isNumbered ? -1 : field
        }

        /// Names the list it stands in.
        func list(_ strip: FormStrip) -> Item {
            Item(list: rule, numbers.prefix(strip.rules[rule].listNumbers))
        }

        private init(list rule: Int, _ numbers: FormPattern.Numbers) {
            self.rule = rule
            self.numbers = numbers
            field = -1
        }
    }

    /// One recipient of a text.
    struct Piece: Hashable {
        let field: Int
        let piece: Int
    }

    private(set) var items: Set<Item> = []
    private(set) var pieces: Set<Piece> = []
    /// Fields that stay, empty.
    private(set) var emptied: Set<Int> = []
    private var isEmpty = true
    /// Items that are still in, by list; recipients, by field.
    private var live: [Item: Int] = [:]
    private var livePieces: [Int: Int] = [:]

    mutating func removeAll() {
        if isEmpty { return }
        items.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
        emptied.removeAll(keepingCapacity: true)
        live.removeAll(keepingCapacity: true)
        livePieces.removeAll(keepingCapacity: true)
        isEmpty = true
    }

    /// Collects what goes with those of `findings` that are blocked.
    /// - Parameters:
    ///   - nests: get how many recipients are left in each.
    ///   - includingMonitored: takes those out, too, who are only reported.
    /// - Returns: false when nobody would be left, or somebody cannot be taken out.
    /// - Complexity: linear in the findings.
    mutating func collect(
        _ findings: [RecipientFinding], _ nests: inout [Nest], _ endpoint: Endpoint, _ strip: FormStrip, includingMonitored: Bool
    ) -> Bool {
        removeAll()
        isEmpty = false
        for index in nests.indices { nests[index].left = nests[index].count }
        var counted: Set<Item> = []
        for finding in findings where finding.source == .body {
            for rule in strip.chains[Int(finding.slot)] {
                let item = Item(rule, strip, finding.numbers, field: finding.field)
                if counted.insert(item).inserted { live[item.list(strip), default: 0] += 1 }
            }
            if finding.part >= 0 { livePieces[finding.field, default: 0] += 1 }
        }
        for finding in findings where finding.fate == .blocked || includingMonitored && finding.fate == .wouldBlock {
            let slot = Int(finding.slot)
            guard finding.source == .body else { return false }
            if finding.leavesNest {
                nests[finding.nest].left -= 1
                guard nests[finding.nest].left > 0 || endpoint.nested[slot]?.whenEmpty == .keep else { return false }
                continue
            }
            guard let rule = strip.chains[slot].first else { return false }
            if finding.part >= 0, strip.isWholePlace[slot] {
                pieces.insert(Piece(field: finding.field, piece: finding.part))
                livePieces[finding.field, default: 0] -= 1
                guard livePieces[finding.field] == 0 else { continue }
                if strip.rules[rule].whenEmpty == .keep, !endpoint.slots[slot].repeats, !endpoint.slots[slot].isNumbered {
                    emptied.insert(finding.field)
                    continue
                }
            }
            guard cut(rule, finding, strip) else { return false }
        }
        return true
    }

    private mutating func cut(_ rule: Int, _ finding: RecipientFinding, _ strip: FormStrip) -> Bool {
        let item = Item(rule, strip, finding.numbers, field: finding.field)
        guard items.insert(item).inserted else { return true }
        let list = item.list(strip)
        live[list, default: 0] -= 1
        guard live[list] == 0 else { return true }
        switch strip.rules[rule].whenEmpty {
        case .reject: return false
        case .keep, .removeList: return true
        case .remove(let outer): return cut(outer, finding, strip)
        }
    }

    /// Whether the recipient, or something around it, is taken out.
    func holds(_ finding: RecipientFinding, _ strip: FormStrip) -> Bool {
        guard !isEmpty, finding.source == .body else { return false }
        for rule in strip.chains[Int(finding.slot)] where items.contains(Item(rule, strip, finding.numbers, field: finding.field)) {
            return true
        }
        return finding.part >= 0 && pieces.contains(Piece(field: finding.field, piece: finding.part))
    }

    /// Whether the item, or something around it, is taken out.
    func holds(_ item: Item, _ strip: FormStrip) -> Bool {
        guard !isEmpty else { return false }
        if items.contains(item) { return true }
        for outer in strip.around[item.rule] where items.contains(Item(outer, strip, item.numbers, field: -1)) { return true }
        return false
    }
}
