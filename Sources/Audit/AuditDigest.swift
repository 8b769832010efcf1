/// 32 bytes of SHA-256.
public struct AuditDigest: Hashable, Sendable {
    /// The bytes, eight at a time, in the order of memory.
    var words: InlineArray<4, UInt64>

    init() { words = .init(repeating: 0) }

    /// - Parameter bytes: the digest as SHA-256 gives it.
    public init(_ bytes: InlineArray<32, UInt8>) {
        words = .init(repeating: 0)
        withUnsafeMutableBytes(of: &words) { raw in
            for index in 0..<32 { raw[index] = bytes[index] }
        }
    }

    public static func == (a: AuditDigest, b: AuditDigest) -> Bool {
        a.words[0] == b.words[0] && a.words[1] == b.words[1] && a.words[2] == b.words[2] && a.words[3] == b.words[3]
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }
}
