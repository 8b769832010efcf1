extension PhoneReader {
    /// Adds every reading of `dialled` and perhaps numbers that libphonenumber would not read there: whatever is left when
    /// prefixes that may be national ones are taken away. For text of which nobody says that it is a phone number at all.
    /// - Returns: whether libphonenumber had to be asked, which costs a thousand times as much.
    /// - Throws: ``IdentifierProblem/tooManyReadings``, or what is wrong with the length.
    func coveringReadings(
        of dialled: DialledDigits, into readings: inout PhoneReadings
    ) throws(IdentifierProblem) -> Bool {
        try checkLength(of: dialled)
        var isDear = false
        if let number = dialled.international { try insertCovering(number, into: &readings, &isDear) }
        if dialled.hasPlus { return isDear }
        if let number = dialled.afterDoubleZero { try insertCovering(number, into: &readings, &isDear) }
        if let number = dialled.afterNorthAmericanAccessCode { try insertCovering(number, into: &readings, &isDear) }
        for region in rules.defaultRegions {
            guard region.hasPlainPrefixes else {
                isDear = true
                if let found = PhoneNumberLibrary.read(dialled, in: region) { try insertInternational(found.number, into: &readings) }
                continue
            }
            // With and without the national prefix in front. The number with it may be too long for an international one.
            var national = dialled
            for _ in 0..<Self.stepLimit {
                if let number = national.behind(callingCode: region.callingCode) { try insertCovering(number, into: &readings, &isDear) }
                guard let next = national.removing(region.callingCode == 1 ? 1 : 0) else { break }
                national = next
            }
        }
        return isDear
    }

    private func insertCovering(
        _ number: E164, into readings: inout PhoneReadings, _ isDear: inout Bool
    ) throws(IdentifierProblem) {
        try readings.insert(number)
        if plan.isSettled(number) { return }
        if let known = plan.withoutMexicanOne(number) { return try readings.insert(known) }
        guard let trunk = plan.trunkDigit(of: number) else {
            isDear = true
            try insertInternational(number, into: &readings)
            return
        }
        var current = number
        for _ in 0..<Self.stepLimit {
            guard let next = current.removing(trunk.digit, behind: trunk.callingCodeLength) else { return }
            current = next
            try readings.insert(current)
        }
    }
}
