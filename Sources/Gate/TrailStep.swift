/// One value on the way from the body to where the walk stands.
struct TrailStep {
    var shape: Int
    var node: Int
    /// The list this value is an item of; -1 when it is none.
    var list: Int
}
