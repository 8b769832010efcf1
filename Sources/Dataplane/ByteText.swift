extension StaticString {
    /// The text's bytes.
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}

extension UnsafeBufferPointer where Element == UInt8 {
    /// Whether these bytes are `token`, which is in lower case, letters compared without case.
    func isToken(_ token: StaticString) -> Bool {
        let wanted = token.bytes
        guard count == wanted.count else { return false }
        for index in indices {
            let byte = self[index]
            let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            if lower != wanted[index] { return false }
        }
        return true
    }
}
