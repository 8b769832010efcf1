/// The keys of all readings of one recipient, inline and without duplicates. The recipient is suppressed when any of them
/// is.
public struct CandidateKeys: Sendable {
    public static let capacity = 16

    @usableFromInline var keys = InlineArray<16, RecipientKey>(repeating: RecipientKey(low: 0, high: 0))
    public private(set) var count = 0

    public init() {}

    @inlinable public var isEmpty: Bool { count == 0 }
    @inlinable public var indices: Range<Int> { 0..<count }

    @inlinable public subscript(index: Int) -> RecipientKey {
        precondition(index < count, "no key at this index")
        return keys[index]
    }

    public func contains(_ key: RecipientKey) -> Bool {
        for index in indices where keys[index] == key { return true }
        return false
    }

    /// Adds `key` unless it is there.
    /// - Throws: ``IdentifierProblem/tooManyReadings`` when there is no room: a key left out could be the suppressed one.
    mutating func insert(_ key: RecipientKey) throws(IdentifierProblem) {
        if contains(key) { return }
        guard count < Self.capacity else { throw .tooManyReadings }
        keys[count] = key
        count += 1
    }

    mutating func removeAll() { count = 0 }
}
