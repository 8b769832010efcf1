import Adapters

extension JSONTape {
    /// The indices of all nodes.
    var indices: Range<Int> { 0..<count }

    /// The members or items that stand directly in `node`.
    func children(of node: Int) -> [Int] {
        var children: [Int] = []
        var child = node + 1
        while child < Int(self[node].end) {
            children.append(child)
            child = Int(self[child].end)
        }
        return children
    }
}
