import Recipients

/// How much of an identifier a person reading the log may see: the last two digits of a number, the first letter and the
/// domain of an address, the last two characters of a long token, nothing of a postal address.
enum Mask {
    /// Bytes a masked identifier has at most.
    static let limit = 300

    /// Writes the mask to `target`, which has room for ``limit`` bytes.
    /// - Returns: the bytes written.
    static func write(
        _ kind: IdentifierKind, _ bytes: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let star = UInt8(ascii: "*")
        switch kind {
        case .phone where bytes.count >= 8:
            let shown = bytes[0] == UInt8(ascii: "+") ? 2 : 0
            let count = min(bytes.count, 64)
            for index in 0..<count - 2 { target[index] = index < shown ? bytes[index] : star }
            target[count - 2] = bytes[bytes.count - 2]
            target[count - 1] = bytes[bytes.count - 1]
            return count
        case .email:
            guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), bytes.count - at <= 256 else { break }
            var count = 0
            if at > 1, bytes[0] < 0x80 {
                target[0] = bytes[0]
                count = 1
            }
            for _ in 0..<3 {
                target[count] = star
                count += 1
            }
            for index in at..<bytes.count {
                target[count] = bytes[index]
                count += 1
            }
            return count
        case .pushToken where bytes.count >= 16, .external where bytes.count >= 16:
            for index in 0..<3 { target[index] = star }
            target[3] = bytes[bytes.count - 2]
            target[4] = bytes[bytes.count - 1]
            return 5
        default: break
        }
        for index in 0..<3 { target[index] = star }
        return 3
    }
}
