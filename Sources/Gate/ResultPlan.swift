public import Adapters
import Bytes

/// Which items were taken out of a request, so that its answer can get results for them.
public struct ResultPlan: Sendable, Equatable {
    public struct Item: Sendable, Equatable {
        /// Which item of the request as the client sent it.
        public var index: Int
        /// Who it was for, as it stands between the quotes of a JSON string.
        public var recipient: [UInt8]
    }

    /// How many items the request had when it came.
    public var total: Int
    /// In the order of their index.
    public var cut: [Item]

    public init(total: Int, cut: [Item]) {
        self.total = total
        self.cut = cut
    }

    /// What was taken out in a second go, counted among the items that the first had left, as part of the whole.
    public mutating func add(_ later: ResultPlan) {
        var left: [Int] = []
        var next = 0
        for index in 0..<total {
            if next < cut.count, cut[next].index == index { next += 1 } else { left.append(index) }
        }
        guard later.total == left.count else { return }
        cut += later.cut.map { Item(index: left[$0.index], recipient: $0.recipient) }
        cut.sort { $0.index < $1.index }
    }
}

extension Inspector {
    /// Which items of the request the verdict ``Verdict/strip`` takes out. To be asked while that verdict holds.
    /// - Parameter body: the bytes that were inspected.
    public func resultPlan(_ rule: ResultsRule, _ body: Span<UInt8>) -> ResultPlan {
        var plan = ResultPlan(total: 0, cut: [])
        rule.of.forEach(json, in: body) { item in
            if isInsideCut(item) { plan.cut.append(.init(index: plan.total, recipient: recipient(of: item, body))) }
            plan.total += 1
        }
        return plan
    }

    /// The first blocked recipient inside the item, else the first at all; for a map, the item's key.
    private func recipient(of item: Int, _ body: Span<UInt8>) -> [UInt8] {
        let inside = item..<Int(json[item].end)
        let found = findings.first { inside.contains($0.node) && $0.fate == .blocked } ?? findings.first { inside.contains($0.node) }
        guard let found else { return Array(copying: body.extracting(json[item].keyContent)) }
        var text = GrowableBytes(capacity: 64)
        spellings.withSpan { ErrorText.append($0.extracting(found.spelling.range), escaped: .json, into: &text) }
        return text.withSpan { Array(copying: $0) }
    }
}

extension Array<UInt8> {
    fileprivate init(copying bytes: Span<UInt8>) {
        self = []
        append(bytes)
    }
}
