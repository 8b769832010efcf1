/// The checksum of a snapshot: a 64-bit multiply-and-fold hash of every 64 KiB chunk, kept in a table in the file, whose own
/// checksum is in the header. A chunk can be checked alone, damage has an address, and checking runs at memory speed
/// (16 bytes a multiplication). It finds accidents (a flipped bit passes with probability about 2^-63); it is no signature: the file is
/// 0600 and whoever can write it can do worse.
enum ChunkChecksum {
    static let chunkBytes = 65_536

    /// - Parameters:
    ///   - bytes: a multiple of 64 long.
    ///   - seed: the chunk's place, so that chunks cannot trade places.
    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        precondition(bytes.count % 64 == 0)
        guard let base = bytes.baseAddress else { return seed }
        var a = seed ^ 0xA076_1D64_78BD_642F
        var b = seed ^ 0xE703_7ED1_A0B4_28DB
        var c = seed ^ 0x8EBC_6AF0_9C88_C6E3
        var d = seed ^ 0x5899_65CC_7537_4CC3
        var i = 0
        while i < bytes.count {
            let p = base + i
            a = fold(a ^ p.loadUnaligned(as: UInt64.self), p.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ 0xA076_1D64_78BD_642F)
            b = fold(b ^ p.loadUnaligned(fromByteOffset: 16, as: UInt64.self), p.loadUnaligned(fromByteOffset: 24, as: UInt64.self) ^ 0xE703_7ED1_A0B4_28DB)
            c = fold(c ^ p.loadUnaligned(fromByteOffset: 32, as: UInt64.self), p.loadUnaligned(fromByteOffset: 40, as: UInt64.self) ^ 0x8EBC_6AF0_9C88_C6E3)
            d = fold(d ^ p.loadUnaligned(fromByteOffset: 48, as: UInt64.self), p.loadUnaligned(fromByteOffset: 56, as: UInt64.self) ^ 0x5899_65CC_7537_4CC3)
            i &+= 64
        }
        let low = fold(a ^ UInt64(bytes.count), b ^ 0x1D8E_4E27_C47D_124F)
        return fold(low ^ c, d ^ 0xEB44_ACCA_B455_D165)
    }

    @inline(__always)
    private static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
        let product = x.multipliedFullWidth(by: y)
        return product.high ^ product.low
    }

    static func chunks(in bytes: UInt64) -> Int { Int((bytes + UInt64(chunkBytes) - 1) / UInt64(chunkBytes)) }
}
