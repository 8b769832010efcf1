/// Every number that one spelling may mean, inline and without duplicates.
struct PhoneReadings {
    private var numbers = InlineArray<16, E164>(repeating: .none)
    private(set) var count = 0
    /// The one of them that is most probably meant.
    var likeliest: E164?

    var indices: Range<Int> { 0..<count }
    subscript(index: Int) -> E164 { numbers[index] }

    /// - Throws: ``IdentifierProblem/tooManyReadings``: a reading left out could be the suppressed one.
    mutating func insert(_ number: E164) throws(IdentifierProblem) {
        for index in indices where numbers[index] == number { return }
        guard count < 16 else { throw .tooManyReadings }
        numbers[count] = number
        count += 1
    }
}
