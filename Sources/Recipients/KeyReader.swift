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
        case .postal:
            try insertPostal(identifier, into: &keys, normalForm: &form)
            return .agreed
        case .pushToken, .external:
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
        if let other = PlainPhone.digitsWithoutBracketedZero(in: identifier, dialled: dialled) {
            let isOtherDear = try phones.coveringReadings(of: other, into: &readings)
            isDear = isDear || isOtherDear
        }
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
        case .postal: try insertPostal(identifier, into: &keys, normalForm: &form)
        case .pushToken, .external: try insertOpaque(identifier, kind: kind, into: &keys, normalForm: &form)
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

    /// Appends the keys of an address that stands in parts: of all of them together, then of every selection of them in their
    /// order, because an opt-out may name fewer than a letter does.
    /// - Parameter form: gets the normal form of all parts, one blank between them.
    func appendKeys(
        ofParts parts: [ByteRange], in text: Span<UInt8>, to keys: inout [RecipientKey], normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) {
        let start = form.count
        var words: [Range<Int>] = []
        for part in parts {
            if form.count > start { form.append(UInt8(ascii: " ")) }
            let first = form.count
            try PostalText.append(text.extracting(part.range), to: &form)
            words.append(first..<form.count)
        }
        guard !words.isEmpty else { throw .empty }
        guard words.count <= Self.partLimit else { throw .tooManyReadings }
        let all = (1 << words.count) - 1
        var selected = GrowableBytes(capacity: form.count - start + 1)
        for selection in 0..<all {
            selected.reset()
            // All of them first, then with ever fewer of the leading parts.
            for index in words.indices where (all - selection) & (1 << index) != 0 {
                if selected.count > 0 { selected.append(UInt8(ascii: " ")) }
                for at in words[index] { selected.append(form.bytes.span[at]) }
            }
            keys.append(RecipientKey(kind: .postal, normalised: selected.bytes.span, secret: secret))
        }
    }

    /// More would be too many selections.
    private static let partLimit = 6

    private func insertPostal(
        _ identifier: Span<UInt8>, into keys: inout CandidateKeys, normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) {
        let start = form.count
        try PostalText.append(identifier, to: &form)
        try keys.insert(RecipientKey(kind: .postal, normalised: form.bytes.span.extracting(start...), secret: secret))
    }

    private func insertOpaque(
        _ identifier: Span<UInt8>, kind: IdentifierKind, into keys: inout CandidateKeys, normalForm form: inout GrowableBytes
    ) throws(IdentifierProblem) {
        let start = form.count
        OpaqueIdentifier.appendNormalForm(of: identifier.extracting(try OpaqueIdentifier.trimmed(identifier)), kind: kind, to: &form)
        try keys.insert(RecipientKey(kind: kind, normalised: form.bytes.span.extracting(start...), secret: secret))
    }
}
