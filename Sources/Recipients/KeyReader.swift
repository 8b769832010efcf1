import Bytes

/// Makes the keys and the normal form of one identifier at a time. ``Normaliser`` owns the memory it works in.
struct KeyReader: ~Copyable {
    private let secret: DigestSecret
    private let phones: PhoneReader
    private let mail: MailForms

    init(rules: NormalisationRules, secret: DigestSecret, usesFastPath: Bool) {
        self.secret = secret
        phones = PhoneReader(rules: rules, usesFastPath: usesFastPath)
        mail = MailForms(rules: rules)
    }

    /// Replaces `keys` by those of every reading and appends the likeliest reading to `form`.
    func keys(
        of identifier: Span<UInt8>, kind: IdentifierKind, _ address: inout MailAddress, into keys: inout CandidateKeys,
        normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) -> Spelling {
        keys.removeAll()
        switch kind {
        case .phone:
            var readings = PhoneReadings()
            let spelling = try phones.readings(in: identifier, into: &readings)
            try insert(readings, into: &keys, normalForm: &form)
            return spelling
        case .email:
            let spelling = try address.read(identifier)
            try mail.all(of: address, normalForm: &form) { head, tail throws(IdentifierProblem) in
                try keys.insert(RecipientKey(kind: .email, normalised: head, tail, secret: secret))
            }
            return spelling
        case .pushToken, .postal, .external:
            try insertOpaque(identifier, kind: kind, into: &keys, normalForm: &form)
            return .agreed
        }
    }

    /// Replaces `keys` by those of every reading, and perhaps of numbers that would not be read there.
    /// - Parameter isDear: set when a library had to be asked.
    func coveringKeys(
        of identifier: Span<UInt8>, kind: IdentifierKind, _ address: inout MailAddress, into keys: inout CandidateKeys,
        normalForm form: inout GrowableBytes, _ isDear: inout Bool
    ) throws(IdentifierProblem) {
        guard kind == .phone, let dialled = PlainPhone.digits(in: identifier) else {
            isDear = Self.isOutsideASCII(identifier)
            _ = try self.keys(of: identifier, kind: kind, &address, into: &keys, normalForm: &form)
            return
        }
        keys.removeAll()
        var readings = PhoneReadings()
        isDear = try phones.coveringReadings(of: dialled, into: &readings)
        for index in readings.indices { try keys.insert(RecipientKey(phone: readings[index], secret: secret)) }
    }

    private static func isOutsideASCII(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] >= 0x80 { return true }
        return false
    }

    /// Replaces `keys` by those an opt-out is stored under. What is appended to `form` says nothing.
    func storedKeys(
        of identifier: Span<UInt8>, kind: IdentifierKind, _ address: inout MailAddress, into keys: inout CandidateKeys,
        normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) {
        keys.removeAll()
        switch kind {
        case .phone:
            var readings = PhoneReadings()
            try phones.likelyReadings(in: identifier, into: &readings)
            for index in readings.indices { try keys.insert(RecipientKey(phone: readings[index], secret: secret)) }
        case .email:
            _ = try address.read(identifier)
            try mail.stored(of: address, normalForm: &form) { head, tail throws(IdentifierProblem) in
                try keys.insert(RecipientKey(kind: .email, normalised: head, tail, secret: secret))
            }
        case .pushToken, .postal, .external: try insertOpaque(identifier, kind: kind, into: &keys, normalForm: &form)
        }
    }

    private func insert(
        _ readings: PhoneReadings, into keys: inout CandidateKeys, normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) {
        for index in readings.indices {
            let number = NumberEquivalence.normalForm(of: readings[index])
            guard readings[index] == readings.likeliest else {
                try keys.insert(RecipientKey(normalPhone: number, secret: secret))
                continue
            }
            // Its digits are written once, for the name and for the key.
            let start = form.count
            number.appendText(to: &form)
            let digits = form.bytes.span.extracting((start + 1)...)
            try keys.insert(RecipientKey(kind: .phone, normalised: digits, secret: secret))
        }
    }

    private func insertOpaque(
        _ identifier: Span<UInt8>, kind: IdentifierKind, into keys: inout CandidateKeys, normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) {
        let start = form.count
        OpaqueIdentifier.appendNormalForm(of: identifier.extracting(try OpaqueIdentifier.trimmed(identifier)), kind: kind, to: &form)
        try keys.insert(RecipientKey(kind: kind, normalised: form.bytes.span.extracting(start...), secret: secret))
    }
}
