/// Says what a phone number may mean: all of it for a send, the likely part of it for an opt-out.
struct PhoneReader: Sendable {
    let rules: NormalisationRules
    private let plan = NumberingPlan.shared
    /// `false` sends everything through libphonenumber: the tests compare the two.
    private let usesFastPath: Bool

    init(rules: NormalisationRules, usesFastPath: Bool = true) {
        self.rules = rules
        self.usesFastPath = usesFastPath
    }

    /// Adds every reading of `text`, and says whether the text may be forwarded.
    func readings(in text: Span<UInt8>, into readings: inout PhoneReadings) throws(IdentifierProblem) -> Spelling {
        guard text.count > 0 else { throw .empty }
        if let dialled = PlainPhone.digits(in: text) {
            try self.readings(of: dialled, into: &readings)
            return .agreed
        }
        // It is enough that one of the alternatives is a number.
        var problem = IdentifierProblem.notANumber
        for dialled in try PhoneText(text).alternatives {
            do throws(IdentifierProblem) {
                try self.readings(of: dialled, into: &readings)
            } catch .tooManyReadings {
                throw .tooManyReadings
            } catch {
                problem = error
            }
        }
        if readings.count == 0 { throw problem }
        return .unusual
    }

    /// Adds every reading of `dialled`: with a plus the international one; without, also the one behind an access code and
    /// the national ones of the default regions.
    /// - Throws: when there is no reading at all.
    private func readings(of dialled: DialledDigits, into readings: inout PhoneReadings) throws(IdentifierProblem) {
        try checkLength(of: dialled)
        if let number = dialled.international { try insertInternational(number, into: &readings) }
        if !dialled.hasPlus {
            if let number = dialled.afterDoubleZero { try insertInternational(number, into: &readings) }
            if let number = dialled.afterNorthAmericanAccessCode { try insertInternational(number, into: &readings) }
            try insertNational(dialled, into: &readings)
        }
        if readings.count == 0 { throw dialled.hasPlus ? .noSuchCountryCode : .regionUnknown }
    }

    private func insertInternational(_ number: E164, into readings: inout PhoneReadings) throws(IdentifierProblem) {
        var current = number
        try readings.insert(current)
        for _ in 0..<Self.stepLimit {
            guard let next = step(from: current) else { return }
            current = next
            try readings.insert(current)
        }
    }

    private func insertNational(_ dialled: DialledDigits, into readings: inout PhoneReadings) throws(IdentifierProblem) {
        if usesFastPath, rules.regionsAreNANP {
            if rules.defaultRegions.isEmpty { return }
            switch northAmericanReading(of: dialled) {
            case .number(let number): return try readings.insert(number)
            case .none: return
            case .unclear: break
            }
        }
        for region in rules.defaultRegions {
            guard let found = PhoneNumberLibrary.read(dialled, in: region) else { continue }
            try insertInternational(found.number, into: &readings)
        }
    }

    private enum NorthAmericanReading { case number(E164), none, unclear }

    /// What a number without a plus is in North America. Where that is not plain, libphonenumber has to say.
    private func northAmericanReading(of dialled: DialledDigits) -> NorthAmericanReading {
        guard let number = dialled.international else { return .unclear }
        let first = number.prefix(1)
        switch number.count {
        case 10 where first >= 2: return E164(Decimal.power(10) + number.value, count: 11).map { .number($0) } ?? .unclear
        case 11 where first == 1 && number.prefix(2) >= 12: return .number(number)
        case 11... where first >= 2: return .none
        default: return .unclear
        }
    }

    func checkLength(of dialled: DialledDigits) throws(IdentifierProblem) {
        if dialled.count == 0 { throw .notANumber }
        if dialled.count < E164.lengths.lowerBound { throw dialled.hasPlus || dialled.count < 3 ? .tooShort : .shortCode }
        if dialled.hasPlus && dialled.count > E164.lengths.upperBound { throw .tooLong }
        if dialled.count > E164.lengths.upperBound && !dialled.startsWithZero { throw .tooLong }
    }

    /// What `number` becomes when libphonenumber is asked again and again.
    func settle(_ number: E164) -> E164 {
        var current = number
        for _ in 0..<Self.stepLimit {
            guard let next = step(from: current) else { break }
            current = next
        }
        return current
    }

    /// One step takes a national prefix away or adds an area code; none is known that needs more than two.
    private static let stepLimit = 4

    /// What libphonenumber makes of `number` behind a plus, when that is another number.
    private func step(from number: E164) -> E164? {
        if usesFastPath {
            if plan.isSettled(number) { return nil }
            if let known = plan.withoutMexicanOne(number) { return known }
        }
        guard let next = PhoneNumberLibrary.read(international: number)?.number else { return nil }
        return next == number ? nil : next
    }
}
