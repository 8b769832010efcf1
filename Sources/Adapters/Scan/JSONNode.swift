public import Bytes

/// One value of a scanned JSON body: its kind and where it stands. 40 bytes, no references.
public struct JSONNode: Equatable, Sendable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable { case object, array, string, number, `true`, `false`, null }

    public struct Flags: OptionSet, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The value is a string with at least one escape.
        @inlinable public static var escapedValue: Flags { Flags(rawValue: 1) }
        /// The key has at least one escape.
        @inlinable public static var escapedKey: Flags { Flags(rawValue: 2) }
        /// The key, unescaped, has a character outside of ASCII.
        @inlinable public static var nonASCIIKey: Flags { Flags(rawValue: 4) }
        /// The value is a number written with digits alone.
        @inlinable public static var plainInteger: Flags { Flags(rawValue: 8) }
        /// The value is a member of an object and ``JSONNode/key`` says where its key stands.
        @inlinable public static var member: Flags { Flags(rawValue: 16) }
        /// The value is a string with at least one byte above 0x7f in the raw text.
        @inlinable public static var nonASCIIValue: Flags { Flags(rawValue: 32) }
    }

    public internal(set) var kind: Kind
    public internal(set) var flags: Flags
    /// How many objects and arrays stand around the value: 0 for the whole body.
    public internal(set) var depth: UInt8
    /// The value's bytes, quotes and brackets included.
    public internal(set) var value: ByteRange
    /// The key's bytes, quotes included; empty for items and for the whole body.
    public internal(set) var key: ByteRange
    /// The index of the first node behind this one's subtree: its next sibling, if it has one.
    public internal(set) var end: UInt32
    /// The index of the object or array around it. The whole body names itself.
    public internal(set) var parent: UInt32
    /// How many members or items it has itself.
    public internal(set) var count: UInt32

    /// The bytes between a string's quotes, escapes unread.
    @inlinable public var content: Range<Int> { Int(value.lower) + 1..<Int(value.upper) - 1 }
    /// The bytes between the key's quotes, escapes unread; empty when it has none.
    @inlinable public var keyContent: Range<Int> {
        flags.contains(.member) ? Int(key.lower) + 1..<Int(key.upper) - 1 : Int(key.lower)..<Int(key.lower)
    }
    /// Where the member (with its key) or the item begins.
    @inlinable public var start: Int { Int(flags.contains(.member) ? key.lower : value.lower) }

    /// Completes an object or array whose closing bracket has been read.
    mutating func close(at end: Int, next: Int, count: UInt32) {
        value.upper = UInt32(end)
        self.end = UInt32(next)
        self.count = count
    }
}
