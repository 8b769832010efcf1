public import Adapters
import Bytes
import Recipients

extension Inspector {
    /// Reads everything of a request that does not depend on what is suppressed.
    /// - Returns: why the request cannot be judged; `nil` when it can.
    @usableFromInline
    mutating func read(
        _ endpoint: Endpoint, path: Span<UInt8>, contentType: Span<UInt8>?, query: Span<UInt8>, body: Span<UInt8>, isSigned: Bool
    ) -> Refusal? {
        // Most are empty, and emptying an array that is costs as much as any.
        findings.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        if !suspects.isEmpty { suspects.removeAll(keepingCapacity: true) }
        dearSuspects = 0
        if !lists.isEmpty { lists.removeAll(keepingCapacity: true) }
        trail.removeAll()
        if !ranges.isEmpty { ranges.removeAll(keepingCapacity: true) }
        openSuspects = 0
        attempts = 0
        decodings = 0
        filled = 0
        mentioned = 0
        seenSlots = 0
        if !pieces.isEmpty { pieces.removeAll(keepingCapacity: true) }
        if !alignedTexts.isEmpty { alignedTexts.removeAll(keepingCapacity: true) }
        isScheduled = false
        spellings.reset(keeping: 64 << 10)
        if !nests.isEmpty { nests.removeAll(keepingCapacity: true) }
        normalForms.reset(keeping: 64 << 10)
        detail.reset()
        self.endpoint = endpoint
        self.isSigned = isSigned
        do throws(Refusal) {
            guard body.count <= endpoint.bodyLimit else { throw .bodyTooLarge }
            var boundary = 0..<0
            format = try bodyFormat(contentType, endpoint, body, &boundary)
            if endpoint.hasSlotsBeside { try readBeside(endpoint, path: path) }
            switch format {
            case .form:
                guard let shape = endpoint.form else { throw .internalFault }
                try readForm(shape, endpoint, query: query, body: body)
            case .json:
                guard let shape = endpoint.document else { throw .internalFault }
                try readJSON(shape, endpoint, query: query, body: body)
                try checkRequired(endpoint, outsideOfBody: true)
            case .none: try readQuery(endpoint, query)
            case .multipart:
                guard let shape = endpoint.form, let contentType else { throw .internalFault }
                try readMultipart(shape, endpoint, boundary: contentType.extracting(boundary), query: query, body: body)
            case .mime: try readMessage(endpoint, query: query, body: body)
            }
            if !endpoint.mentions.isEmpty { markMentions(endpoint) }
            guard findings.contains(where: { !$0.isMention }) else { throw .recipientMissing }
            if !endpoint.requirements.isEmpty { try checkRequirements(endpoint) }
            return nil
        } catch {
            unmonitoredVerdict = .refuse(error)
            return error
        }
    }

    /// Tells the findings that only name somebody from those that send to somebody.
    private mutating func markMentions(_ endpoint: Endpoint) {
        var seen: UInt64 = 0
        for finding in findings { seen |= 1 << UInt64(finding.slot) }
        for index in findings.indices {
            let others = endpoint.mentions[Int(findings[index].slot)]
            findings[index].isMention = others == .max || others & seen != 0
        }
    }

    /// The format the Content-Type says the body has, of those the endpoint takes.
    /// - Parameter boundary: gets where a multipart body's boundary stands in the Content-Type.
    mutating func bodyFormat(
        _ value: Span<UInt8>?, _ endpoint: some TypedBody, _ body: Span<UInt8>, _ boundary: inout Range<Int>
    ) throws(Refusal) -> EndpointSpec.Format {
        if body.isEmpty, endpoint.takesNoBody { return .none }
        guard !endpoint.bodyTypes.isEmpty else {
            detail.append("this endpoint takes no body")
            throw .contentTypeUnexpected
        }
        guard let value else {
            if let format = endpoint.untypedFormat { return format }
            detail.append("this endpoint takes ")
            appendContentTypes(endpoint)
            throw .contentTypeMissing
        }
        if let format = endpoint.format(of: value) { return format }
        let type: ContentType
        do throws(BodyFault) { type = try ContentType.parse(value) } catch { throw fault(error) }
        if let range = type.boundary { boundary = range.range }
        var end = 0
        while end < value.count, value[end] != UInt8(ascii: ";"), value[end] != 0x20, value[end] != 0x09 { end += 1 }
        if let format = endpoint.format(of: value.extracting(0..<end)) { return format }
        detail.append("send ")
        appendContentTypes(endpoint)
        throw .contentTypeUnexpected
    }

    private mutating func appendContentTypes(_ endpoint: some TypedBody) {
        for index in endpoint.bodyTypes.indices {
            if index > 0 { detail.append(" or ") }
            let name = endpoint.bodyTypes[index].name
            detail.append(name.span)
        }
    }

    /// The refusal for a fault of the scanners, with its sentence as the detail.
    mutating func fault(_ fault: BodyFault) -> Refusal {
        detail.reset()
        fault.write(into: &detail)
        switch fault.cause {
        case .duplicateKey: return .nameRepeated
        case .badContentType: return .contentTypeUnexpected
        case .unsupportedCharset, .unsupportedParameter, .repeatedParameter, .badBoundary: return .charsetUnexpected
        default: return fault.status == 413 ? .bodyTooComplex : .bodyMalformed
        }
    }

    private mutating func checkRequirements(_ endpoint: Endpoint) throws(Refusal) {
        for index in endpoint.requirements.indices where endpoint.requirements[index] & filled == 0 {
            detail.append("one of ")
            var isFirst = true
            for slot in endpoint.slots.indices where endpoint.requirements[index] & (1 << UInt64(slot)) != 0 {
                if !isFirst { detail.append(", ") }
                detail.append(endpoint.slots[slot].at)
                isFirst = false
            }
            throw .recipientMissing
        }
    }

    /// Reads the identifier in ``text`` and notes the recipient.
    /// - Parameters:
    ///   - cut: for JSON the tape node that goes with it, and the list that node is an item of; -1 when nothing goes.
    ///   - part: where in ``text`` it stands; `nil` is all of it.
    ///   - piece: the piece of a text that goes with it; -1 when none does.
    ///   - place: for forms the field, the numbers in its name, and which recipient of its text it is.
    mutating func addRecipient(
        slot index: Int, _ endpoint: Endpoint, span: Range<Int>, source: RecipientFinding.Source, node: Int,
        cut: (node: Int, list: Int) = (-1, -1), part: Range<Int>? = nil, piece: Int = -1, place: FormPlace = FormPlace()
    ) throws(Refusal) {
        guard room(index, endpoint) > 0 else {
            detail.append("at most ")
            detail.append(decimal: endpoint.recipientLimit)
            throw .recipientsTooMany
        }
        let part = part ?? 0..<text.count
        var kind = endpoint.slots[index].kind
        var channel = endpoint.slots[index].channel
        var channels = endpoint.slots[index].channels
        var start = part.lowerBound
        var opaque = endpoint.slots[index].opaque
        if !endpoint.slots[index].prefixes.isEmpty,
            let prefix = Self.prefix(of: text, in: part, among: endpoint.slots[index].prefixes, start: &start)
        {
            channel = endpoint.slots[index].prefixes[prefix].channel
            channels = endpoint.slots[index].prefixes[prefix].channels
            opaque = endpoint.slots[index].prefixes[prefix].opaque
        }
        if opaque == nil {
            if endpoint.slots[index].isAnyKind { kind = Self.anyKind(text, in: start..<part.upperBound) }
            if let otherwise = endpoint.slots[index].otherwise, !Self.resembles(kind, text, in: start..<part.upperBound) { opaque = otherwise }
        }
        guard opaque != .reject else {
            detail.append(endpoint.slots[index].at)
            throw .recipientOpaque
        }
        // An address that a server takes for another one; numbers with escapes in them are not read at all.
        if opaque == nil, kind != .phone { try searchDecodings(start..<part.upperBound, kind, endpoint, node: node, isOpaque: false) }
        let name = normalForms.count, spelling = spellings.count, firstKey = keys.count
        Self.keep(text, in: part, at: &spellings)
        if opaque == .allow {
            Self.keep(text, in: part, at: &normalForms)
            try searchOpaque(part, kind, endpoint, node: node)
        } else if !endpoint.slots[index].parts.isEmpty {
            try readAddressKeys(endpoint.slots[index].at)
        } else {
            try readIdentifier(start..<part.upperBound, kind, endpoint.slots[index].at)
        }
        filled |= 1 << UInt64(truncatingIfNeeded: index)
        if !endpoint.mentions.isEmpty, endpoint.mentions[index] == .max { mentioned += 1 }
        findings.append(
            RecipientFinding(
                span: ByteRange(span), normalForm: ByteRange(name..<normalForms.count), spelling: ByteRange(spelling..<spellings.count),
                source: source, slot: UInt16(truncatingIfNeeded: index), kind: kind, channel: channel, channels: channels,
                key: opaque == .allow ? nil : keys[firstKey], fate: opaque == .allow ? .opaque : .allowed, suppressedOn: [],
                keys: firstKey..<(opaque == .allow ? firstKey : keys.count), dropped: cut.node, list: cut.list, node: node, piece: piece, field: place.field,
                numbers: place.numbers, part: place.part))
    }

    /// How many more recipients the slot may have. Those that only mention somebody are counted for themselves: each recipient
    /// may have one.
    mutating func room(_ slot: Int, _ endpoint: Endpoint) -> Int {
        guard !endpoint.mentions.isEmpty else { return endpoint.recipientLimit - findings.count }
        return endpoint.recipientLimit - (endpoint.mentions[slot] == .max ? mentioned : findings.count - mentioned)
    }

    /// Adds the keys and the normal form of the identifier that stands at `part` of ``text``.
    /// - Parameter place: where it stands, for the refusal.
    private mutating func readIdentifier(_ part: Range<Int>, _ kind: IdentifierKind, _ place: String) throws(Refusal) {
        let spelling: Spelling
        do throws(IdentifierProblem) {
            spelling = try Self.read(text, part, kind, &normaliser, &candidates, &normalForms)
        } catch {
            detail.append(place)
            detail.append(": ")
            detail.append(error.message)
            throw .recipientMalformed
        }
        guard spelling == .agreed, !candidates.isEmpty else {
            detail.append(place)
            detail.append(": parsers read this spelling in different ways; write ")
            detail.append(kind == .phone ? "+ and country code, then digits only" : "the bare address in plain characters")
            throw .recipientMalformed
        }
        for key in candidates.indices { keys.append(candidates[key]) }
    }

    /// An id only the provider understands may be somebody's number or address all the same: what reads like one counts.
    private mutating func searchOpaque(_ part: Range<Int>, _ kind: IdentifierKind, _ endpoint: Endpoint, node: Int) throws(Refusal) {
        try searchDecodings(part, kind, endpoint, node: node, isOpaque: true)
        spare.reset()
        Self.keep(text, in: part, at: &spare)
        guard Self.mayHold(spare) else { return }
        swap(&text, &spare)
        defer { swap(&text, &spare) }
        if kind == .phone || kind == .email { try addCover(kind, node: node, isKeyed: false) }
        try addSuspects(endpoint, node: node, amongLetters: kind == .phone)
    }

    /// Notes the key in ``text``, whose member goes with the recipient it names.
    mutating func addKeyed(slot: Int, _ endpoint: Endpoint, node: Int) throws(Refusal) {
        var start = 0
        if !endpoint.slots[slot].prefixes.isEmpty {
            _ = Self.prefix(of: text, in: 0..<text.count, among: endpoint.slots[slot].prefixes, start: &start)
        }
        let kind = endpoint.slots[slot].isAnyKind ? Self.anyKind(text, in: 0..<text.count) : endpoint.slots[slot].kind
        try addCover(kind, from: start, node: node, isKeyed: true)
    }

    /// Notes the whole of ``text``, if it reads like an identifier of this kind at all.
    mutating func addCover(_ kind: IdentifierKind, from start: Int = 0, node: Int, isKeyed: Bool) throws(Refusal) {
        var isDear = false
        let problem = Self.cover(text, in: start..<text.count, kind, &normaliser, &candidates, &isDear)
        if isDear { dearSuspects += 1 }
        guard problem != .tooManyReadings, dearSuspects <= Self.dearSuspectLimit else { throw tooManySuspects() }
        if problem != nil { return }
        suspects.append(Suspect(keys: keys.count..<(keys.count + candidates.count), node: node, isKeyed: isKeyed))
        for key in candidates.indices { keys.append(candidates[key]) }
    }

    private mutating func tooManySuspects() -> Refusal {
        detail.append("too many addresses in places the adapter does not know")
        return .bodyTooComplex
    }

    /// Texts in unknown places that read like identifiers, and those that a library has to read, at 25 µs each.
    private static let suspectLimit = 1000
    private static let dearSuspectLimit = 200
    /// Pieces that are tried, whatever they turn out to be.
    private static let attemptLimit = 20_000

    /// Notes every piece of ``text`` that reads like an identifier.
    /// - Parameter amongLetters: counts numbers with letters around them, too.
    mutating func addSuspects(_ endpoint: Endpoint, node: Int, item: FormCuts.Item? = nil, amongLetters: Bool = false) throws(Refusal) {
        try addPieces(node: node, item, amongLetters)
        // `"ann"@example.com` is ann@example.com, but quotes also stand around whole addresses.
        if Self.unquote(&text) { try addPieces(node: node, item, amongLetters) }
    }

    /// Takes quotes and backslashes out of `text`, if there is a quoted local part in it.
    private static func unquote(_ text: inout GrowableBytes) -> Bool {
        let bytes = text.withSpan { text -> [UInt8]? in
            for index in text.indices.dropFirst() where text[index] == UInt8(ascii: "@") && text[index - 1] == UInt8(ascii: "\"") {
                return text.indices.compactMap { text[$0] == UInt8(ascii: "\"") || text[$0] == UInt8(ascii: "\\") ? nil : text[$0] }
            }
            return nil
        }
        guard let bytes else { return false }
        text.reset()
        text.append(bytes.span)
        return true
    }

    private mutating func addPieces(node: Int, _ item: FormCuts.Item?, _ amongLetters: Bool) throws(Refusal) {
        var at = 0
        while let (piece, guess) = Self.nextGuess(text, from: at) {
            at = piece.upperBound
            if let guess { try addSuspect(guess.kind, guess.range, node, item) }
            var others = PieceCandidates(piece, amongLetters: amongLetters)
            while let other = Self.next(&others, text) {
                if other.range != guess?.range { try addSuspect(other.kind, other.range, node, item) }
            }
        }
    }

    /// Notes the identifier at `range` of ``text``, if it is one.
    private mutating func addSuspect(_ kind: IdentifierKind, _ range: Range<Int>, _ node: Int, _ item: FormCuts.Item?) throws(Refusal) {
        var isDear = false
        let problem = Self.cover(text, in: range, kind, &normaliser, &candidates, &isDear)
        if isDear { dearSuspects += 1 }
        attempts += 1
        // What does not read as an identifier is none, and an unusual spelling still has its keys.
        let isRead = problem == nil
        guard problem != .tooManyReadings, dearSuspects <= Self.dearSuspectLimit, attempts <= Self.attemptLimit,
            !isRead || openSuspects < Self.suspectLimit
        else {
            throw tooManySuspects()
        }
        if !isRead { return }
        openSuspects += 1
        suspects.append(Suspect(keys: keys.count..<(keys.count + candidates.count), node: node, item: item))
        for key in candidates.indices { keys.append(candidates[key]) }
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    private static func prefix(
        of text: borrowing GrowableBytes, in part: Range<Int>, among prefixes: [RecipientSlot.Prefix], start: inout Int
    ) -> Int? {
        text.withSpan { text in
            var lead = part.lowerBound
            while lead < part.upperBound, text[lead] == 0x20 || text[lead] == 0x09 { lead += 1 }
            // No prefix begins with a digit or a plus, as nearly all numbers do.
            guard lead < part.upperBound, text[lead].isASCIILetter else { return nil }
            for index in prefixes.indices {
                let prefix = prefixes[index].text
                let end = lead + prefix.count
                guard end <= part.upperBound, ASCIIText.caselessEqual(text.extracting(lead..<end), prefix.span) else { continue }
                start = end
                return index
            }
            return nil
        }
    }

    static func anyKind(_ text: borrowing GrowableBytes, in part: Range<Int>) -> IdentifierKind {
        text.withSpan { IdentifierShape.hasAt($0, part) ? .email : .phone }
    }

    private static func resembles(_ kind: IdentifierKind, _ text: borrowing GrowableBytes, in part: Range<Int>) -> Bool {
        text.withSpan { IdentifierShape.resembles(kind, $0, part) }
    }

    private static func mayHold(_ text: borrowing GrowableBytes) -> Bool { text.withSpan { IdentifierShape.mayHold($0) } }

    private static func read(
        _ text: borrowing GrowableBytes, _ part: Range<Int>, _ kind: IdentifierKind, _ normaliser: inout Normaliser,
        _ candidates: inout CandidateKeys, _ normalForms: inout GrowableBytes
    ) throws(IdentifierProblem) -> Spelling {
        try text.withSpan { (text) throws(IdentifierProblem) in
            try normaliser.keys(of: text.extracting(part), kind: kind, into: &candidates, normalForm: &normalForms)
        }
    }

    private static func keep(_ text: borrowing GrowableBytes, in part: Range<Int>, at out: inout GrowableBytes) {
        text.withSpan { out.append($0.extracting(part)) }
    }

    private static func cover(
        _ text: borrowing GrowableBytes, in range: Range<Int>, _ kind: IdentifierKind, _ normaliser: inout Normaliser,
        _ candidates: inout CandidateKeys, _ isDear: inout Bool
    ) -> IdentifierProblem? {
        text.withSpan { text in
            do throws(IdentifierProblem) {
                try normaliser.coveringKeys(of: text.extracting(range), kind: kind, into: &candidates, isDear: &isDear)
                return nil
            } catch { return error }
        }
    }

    private static func nextGuess(
        _ text: borrowing GrowableBytes, from start: Int
    ) -> (piece: Range<Int>, guess: (kind: IdentifierKind, range: Range<Int>)?)? {
        text.withSpan { text in
            guard let piece = IdentifierShape.nextPiece(text, from: start) else { return nil }
            return (piece, IdentifierShape.guess(text, piece))
        }
    }

    private static func next(_ others: inout PieceCandidates, _ text: borrowing GrowableBytes) -> (kind: IdentifierKind, range: Range<Int>)? {
        text.withSpan { others.next($0) }
    }
}
