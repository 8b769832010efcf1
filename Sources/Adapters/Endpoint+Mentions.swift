extension Endpoint {
    /// For each slot those other slots, one bit each, that make what stands in it a mention when one of them holds
    /// somebody: 0 never, all bits always. See ``RecipientSpec/mention``.
    static func mentions(_ recipients: [RecipientSpec]) throws(AdapterProblem) -> [UInt64] {
        var masks: [UInt64] = []
        for (index, slot) in recipients.enumerated() {
            switch slot.mention {
            case nil: masks.append(0)
            case .always: masks.append(.max)
            case .beside(let place):
                var mask: UInt64 = 0
                for (other, spec) in recipients.enumerated().prefix(64) where other != index && covers(place, spec.at) { mask |= 1 << UInt64(other) }
                guard mask != 0 else {
                    throw AdapterProblem("recipients[\(index)].mention", "'\(place)' is true, or the place of another slot or something around it")
                }
                masks.append(mask)
            }
        }
        guard masks.isEmpty || masks.contains(where: { $0 != .max }) else {
            throw AdapterProblem("recipients", "every slot is a mention: one of them has to name the recipients")
        }
        return masks
    }

    /// Whether `place` is `at` or something around it.
    private static func covers(_ place: String, _ at: String) -> Bool {
        guard at.hasPrefix(place) else { return false }
        let rest = at.dropFirst(place.count)
        return rest.isEmpty || rest.first == "." || rest.first == "["
    }
}
