/// Says what a phone number may mean: all of it for a send, the likely part of it for an opt-out.
struct PhoneReader: Sendable {
    let rules: NormalisationRules
    let plan = NumberingPlan.shared
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
            if let other = PlainPhone.digitsWithoutBracketedZero(in: text, dialled: dialled) {
                try self.readings(of: other, into: &readings)
            }
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
        // The likeliest reading: what the digits mean at home if that is a number in use, else what they mean abroad.
        var abroad: E164?
        if let number = dialled.international { abroad = try insertInternational(number, into: &readings) }
        if dialled.hasPlus {
            guard let abroad else { throw .noSuchCountryCode }
            readings.likeliest = readings.likeliest ?? abroad
            return
        }
        if let number = dialled.afterNorthAmericanAccessCode { abroad = try insertInternational(number, into: &readings) }
        if let number = dialled.afterDoubleZero { abroad = try insertInternational(number, into: &readings) }
        let home = try insertNational(dialled, into: &readings)
        if readings.count == 0 { throw .regionUnknown }
        if readings.likeliest != nil { return }
        if let home, home.isInUse || abroad.map({ !plan.knowsCallingCode(of: $0) }) ?? true {
            readings.likeliest = home.number
        } else {
            readings.likeliest = abroad
        }
    }

    /// - Returns: the last reading, in which no national prefix is left.
    @discardableResult
    func insertInternational(_ number: E164, into readings: inout PhoneReadings) throws(IdentifierProblem) -> E164 {
        var current = number
        try readings.insert(current)
        for _ in 0..<Self.stepLimit {
            guard let next = step(from: current) else { break }
            current = next
            try readings.insert(current)
        }
        return current
    }

    private struct HomeReading {
        let number: E164
        /// As far as is known.
        let isInUse: Bool
    }

    /// - Returns: the likeliest of the national readings.
    private func insertNational(
        _ dialled: DialledDigits, into readings: inout PhoneReadings
    ) throws(IdentifierProblem) -> HomeReading? {
        if usesFastPath, rules.regionsAreNANP {
            if rules.defaultRegions.isEmpty { return nil }
            switch northAmericanReading(of: dialled) {
            case .number(let number):
                try readings.insert(number)
                return HomeReading(number: number, isInUse: Self.isNorthAmericanShape(number))
            case .none: return nil
            case .unclear: break
            }
        }
        var likeliest: HomeReading?
        for region in rules.defaultRegions {
            guard let found = PhoneNumberLibrary.read(dialled, in: region) else { continue }
            let number = try insertInternational(found.number, into: &readings)
            if likeliest == nil || likeliest?.isInUse == false && found.confidence == .valid {
                likeliest = HomeReading(number: number, isInUse: found.confidence == .valid)
            }
        }
        return likeliest
    }

    /// Whether `number`, 1 and ten digits, has an area code (no 9 in the middle) and an exchange (from 2 up) such as are given
    /// out in North America.
    private static func isNorthAmericanShape(_ number: E164) -> Bool {
        number.prefix(3) % 10 != 9 && number.prefix(5) % 10 >= 2
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

    /// One step takes a national prefix away or adds an area code. No number in use needs more than two, but a row of zeros behind
    /// +46 goes one by one: a number is followed to its end, and one with too many readings on the way is refused.
    static let stepLimit = E164.lengths.upperBound

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
