/// Hexadecimal in lower case. Upper case is not read: one digest has one spelling.
enum Hex {
    @inline(__always)
    static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }

    /// The eight digits of `word`, the first in the highest byte.
    @inline(__always)
    static func digits(_ word: UInt32) -> UInt64 {
        // One digit in each byte: halves, then bytes, then nibbles move apart.
        var spread = UInt64(word)
        spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f
        // Bit 4 of each byte is set where the digit is a letter, 0x27 behind its place in the row of the ten.
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x61...0x66: character - 0x57
        default: nil
        }
    }
}

extension AuditDigest {
    /// The first `count` bytes as hexadecimal text.
    func hex(bytes count: Int = 32) -> String {
        withUnsafeBytes(of: words) { raw in
            String(decoding: raw.prefix(count).flatMap { [Hex.digit($0 >> 4), Hex.digit($0 & 15)] }, as: UTF8.self)
        }
    }

    /// Reads 64 digits.
    init?(hex: some StringProtocol) {
        var text = Array(hex.utf8)[...]
        self.init()
        guard text.count == 64 else { return nil }
        for index in 0..<32 {
            guard let high = Hex.value(text.removeFirst()), let low = Hex.value(text.removeFirst()) else { return nil }
            withUnsafeMutableBytes(of: &words) { $0[index] = high << 4 | low }
        }
    }
}

extension AuditDigest: CustomStringConvertible, LosslessStringConvertible {
    public init?(_ description: String) { self.init(hex: description) }
    /// 64 hexadecimal digits.
    public var description: String { hex() }
}
