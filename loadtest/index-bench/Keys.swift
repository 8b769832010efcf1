import Recipients

/// SplitMix64's output function: uniform words from counters.
@inline(__always)
func mixed(_ x: UInt64) -> UInt64 {
    var z = x &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
}

/// The `i`th member: even counters.
@inline(__always)
func member(_ i: UInt64) -> RecipientKey { RecipientKey(low: mixed(4 &* i), high: mixed(4 &* i &+ 2)) }

/// The `i`th stranger: odd counters, so never a member.
@inline(__always)
func stranger(_ i: UInt64) -> RecipientKey { RecipientKey(low: mixed(4 &* i &+ 1), high: mixed(4 &* i &+ 3)) }

/// A random member of `count`, the same for the same `i`.
@inline(__always)
func randomMember(_ i: UInt64, of count: UInt64) -> RecipientKey {
    member(mixed(i ^ 0x5555_5555_0000_0000).multipliedFullWidth(by: count).high)
}
