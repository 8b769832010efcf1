public import Bytes

/// Names one behind the other, made to be compared with the names in a body: nearly all comparisons are of two words.
public struct NameTable: Sendable {
    /// One of the names.
    public struct Name: Sendable {
        /// The first eight bytes; zero above the last.
        @usableFromInline let word: UInt64
        @usableFromInline let start: Int
        @usableFromInline let count: Int
    }

    /// A name in a body.
    public struct Key {
        @usableFromInline let word: UInt64
        @usableFromInline let start: Int
        @usableFromInline let count: Int

        /// - Parameter range: where the name stands in `body`.
        @inlinable @inline(__always)
        public init(_ range: Range<Int>, in body: Span<UInt8>) {
            start = range.lowerBound
            count = range.count
            word = body.word(at: range.lowerBound, length: Swift.min(range.count, 8))
        }
    }

    /// All names. ``range(of:)`` says where each stands.
    public private(set) var text: [UInt8] = []

    mutating func add(_ name: [UInt8]) -> Name {
        let start = text.count
        text += name
        return Name(word: name.span.word(at: 0, length: min(name.count, 8)), start: start, count: name.count)
    }

    @inlinable
    public func range(of name: Name) -> Range<Int> { name.start..<(name.start &+ name.count) }

    @inlinable @inline(__always)
    public func matches(_ name: Name, _ key: Key, in body: Span<UInt8>) -> Bool {
        guard name.count == key.count, name.word == key.word else { return false }
        return name.count <= 8 || equalTails(name, key, body)
    }

    @usableFromInline
    func equalTails(_ name: Name, _ key: Key, _ body: Span<UInt8>) -> Bool {
        ASCIIText.equal(
            text.span.extracting((name.start + 8)..<(name.start + name.count)),
            body.extracting((key.start + 8)..<(key.start + key.count)))
    }
}
