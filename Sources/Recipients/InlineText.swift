/// Up to 320 bytes held in place: room for the longest e-mail address.
struct InlineText: Sendable {
    static let limit = 320

    private var storage = InlineArray<320, UInt8>(repeating: 0)
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    subscript(index: Int) -> UInt8 { storage[index] }

    mutating func append(_ byte: UInt8) throws(IdentifierProblem) {
        guard count < Self.limit else { throw .tooLong }
        storage[count] = byte
        count += 1
    }

    mutating func append(_ bytes: Span<UInt8>) throws(IdentifierProblem) {
        for index in bytes.indices { try append(bytes[index]) }
    }

    mutating func removeAll() { count = 0 }

    /// Lends the bytes.
    func withSpan<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(storage.span.extracting(0..<count))
    }

    var array: [UInt8] { (0..<count).map { storage[$0] } }
}
