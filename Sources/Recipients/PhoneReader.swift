/// Says what dialled digits may mean: all of it for a send, the likely part of it for an opt-out.
struct PhoneReader: Sendable {
    private let rules: NormalisationRules
    private let plan = NumberingPlan()
    /// `false` sends everything through libphonenumber: the tests compare the two.
    private let usesFastPath: Bool

    init(rules: NormalisationRules, usesFastPath: Bool = true) {
        self.rules = rules
        self.usesFastPath = usesFastPath
    }

    // MARK: - A send

    /// Adds every reading of `dialled`: with a plus the international one; without, also the one behind an access code and
    /// the national ones of the default regions.
    /// - Throws: when there is no reading at all.
    func readings(of dialled: DialledDigits, into readings: inout PhoneReadings) throws(IdentifierProblem) {
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
        if usesFastPath, rules.regionsAreNANP, let known = northAmericanReading(of: dialled) {
            if !rules.defaultRegions.isEmpty, let number = known { try readings.insert(number) }
            return
        }
        for region in rules.defaultRegions {
            guard let found = PhoneNumberLibrary.read(dialled, in: region) else { continue }
            try insertInternational(found.number, into: &readings)
        }
    }

    /// What a number without a plus is in North America, where that is plain.
    /// - Returns: `.some(nil)` when it is no number there, `nil` when libphonenumber has to say.
    private func northAmericanReading(of dialled: DialledDigits) -> E164?? {
        guard let number = dialled.international else { return nil }
        let first = number.prefix(1)
        switch number.count {
        case 10 where first >= 2: return .some(E164(Decimal.power(10) + number.value, count: 11))
        case 11 where first == 1 && number.prefix(2) >= 12: return .some(number)
        case 11... where first >= 2: return .some(nil)
        default: return nil
        }
    }

    // MARK: - An opt-out

    /// The numbers an opt-out for `dialled` covers, the likeliest first. Where the digits without a plus leave a doubt, all
    /// that they may well mean are covered.
    func likelyReadings(of dialled: DialledDigits) throws(IdentifierProblem) -> [E164] {
        try checkLength(of: dialled)
        if dialled.hasPlus {
            guard let number = dialled.international else { throw .noSuchCountryCode }
            return [settle(number)]
        }
        var likely: [(number: E164, isValid: Bool)] = []
        for region in rules.defaultRegions {
            guard let found = PhoneNumberLibrary.read(dialled, in: region) else { continue }
            likely.append((settle(found.number), found.confidence == .valid))
        }
        let international = [dialled.afterDoubleZero, dialled.afterNorthAmericanAccessCode, dialled.international]
        for case let number? in international {
            let isValid = PhoneNumberLibrary.read(international: number)?.confidence == .valid
            if isValid || likely.isEmpty { likely.append((settle(number), isValid)) }
        }
        var result: [E164] = []
        for reading in likely.filter(\.isValid) + likely where !result.contains(reading.number) {
            result.append(reading.number)
        }
        guard !result.isEmpty else { throw .regionUnknown }
        return result
    }

    // MARK: - Both

    private func checkLength(of dialled: DialledDigits) throws(IdentifierProblem) {
        if dialled.count == 0 { throw .notANumber }
        if dialled.count < E164.lengths.lowerBound { throw dialled.hasPlus || dialled.count < 3 ? .tooShort : .shortCode }
        if dialled.hasPlus && dialled.count > E164.lengths.upperBound { throw .tooLong }
        if dialled.count > E164.lengths.upperBound && !dialled.startsWithZero { throw .tooLong }
    }

    /// What `number` becomes when libphonenumber is asked again and again.
    private func settle(_ number: E164) -> E164 {
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
        if usesFastPath, plan.isSettled(number) { return nil }
        guard let next = PhoneNumberLibrary.read(international: number)?.number else { return nil }
        return next == number ? nil : next
    }
}
