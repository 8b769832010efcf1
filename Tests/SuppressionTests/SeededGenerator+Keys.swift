import Recipients
import TestSupport

/// The `i`th key of a fixed, uniform sequence.
func key(_ i: Int) -> RecipientKey {
    var generator = SeededGenerator(seed: UInt64(i) &* 2_654_435_761)
    return generator.key()
}

extension SeededGenerator {
    mutating func key() -> RecipientKey { RecipientKey(low: next(), high: next()) }

    mutating func channels() -> ChannelSet { ChannelSet(rawValue: UInt16(next() & 0xff)) }
}
