import Recipients

/// SplitMix64: the same numbers for the same seed, on every machine.
struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func key() -> RecipientKey { RecipientKey(low: next(), high: next()) }

    mutating func channels() -> ChannelSet { ChannelSet(rawValue: UInt16(next() & 0xff)) }
}

/// The `i`th key of a fixed, uniform sequence.
func key(_ i: Int) -> RecipientKey {
    var generator = Generator(seed: UInt64(i) &* 2_654_435_761)
    return generator.key()
}
