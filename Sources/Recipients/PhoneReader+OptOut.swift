extension PhoneReader {
    /// Adds the numbers an opt-out for `text` covers, the likeliest first.
    func likelyReadings(in text: Span<UInt8>, into readings: inout PhoneReadings) throws(IdentifierProblem) {
        guard text.count > 0 else { throw .empty }
        if let dialled = PlainPhone.digits(in: text) {
            try likelyReadings(of: dialled, into: &readings)
            if let other = PlainPhone.digitsWithoutBracketedZero(in: text, dialled: dialled) {
                try likelyReadings(of: other, into: &readings)
            }
            return
        }
        var problem = IdentifierProblem.notANumber
        for dialled in try PhoneText(text).alternatives {
            do throws(IdentifierProblem) {
                try likelyReadings(of: dialled, into: &readings)
            } catch .tooManyReadings {
                throw .tooManyReadings
            } catch {
                problem = error
            }
        }
        if readings.count == 0 { throw problem }
    }

    /// With a plus there is one reading. Where digits without a plus leave a doubt, all that they may well mean are covered:
    /// the national number of every default region where the length fits, and the international one where the number is
    /// assigned or nothing else is left.
    private func likelyReadings(
        of dialled: DialledDigits, into readings: inout PhoneReadings
    ) throws(IdentifierProblem) {
        try checkLength(of: dialled)
        if dialled.hasPlus {
            guard let number = dialled.international else { throw .noSuchCountryCode }
            return try readings.insert(settle(number))
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
        if likely.isEmpty { throw .regionUnknown }
        for reading in likely.filter(\.isValid) + likely { try readings.insert(reading.number) }
    }
}
