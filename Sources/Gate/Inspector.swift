public import Adapters
public import Bytes
public import Recipients
public import Suppression

/// Reads sends and judges them: bytes in, verdict out. Pure: no clock, no socket.
///
/// A worker keeps one and uses it for every request. All its scratch space is kept, so a warm inspector allocates nothing
/// on a request that is allowed. Not for two requests at a time: what it found is replaced by the next ``inspect(_:contentType:query:body:isSigned:suppressions:)``.
public struct Inspector: ~Copyable {
    /// The recipients of the last request, in the order they stand in it. Meaningful unless the request was refused
    /// before all of it was read.
    public var recipients: [RecipientFinding] { findings }
    @usableFromInline var findings: [RecipientFinding] = []
    /// The normal forms of the recipients of the last request, one behind the other: E.164 with a plus, an address in small
    /// letters; the decoded text of an opaque id. ``RecipientFinding/normalForm`` says where each stands.
    public internal(set) var normalForms = GrowableBytes(capacity: 4096)
    /// The recipients of the last request as the client wrote them, decoded, one behind the other.
    /// ``RecipientFinding/spelling`` says where each stands.
    public internal(set) var spellings = GrowableBytes(capacity: 4096)
    /// Whether the last request is for later.
    public internal(set) var isScheduled = false
    /// What to add to the sentence of a refusal: the rule or the field that was broken. Holds no identifier.
    public internal(set) var detail = GrowableBytes(capacity: 256)
    /// What the verdict would have been if nothing was only monitored; equal to the verdict when nothing is.
    public internal(set) var unmonitoredVerdict = Verdict.allow

    /// The program of the send at hand; ``Normaliser/anyProgram`` for one that names none, which every opt-out blocks.
    public var program: ProgramKey

    var normaliser: Normaliser
    var json = JSONTape()
    /// Reads texts inside of fields.
    var nested = NestedDocument()
    var nests: [Nest] = []
    var form = FormTape()
    var multipart = MultipartTape()
    /// The numbered fields of a form that were seen.
    var numbered = NumberedFields()
    /// Takes texts apart that hold several recipients.
    var list = TextList()
    var text = GrowableBytes(capacity: 512)
    var candidates = CandidateKeys()
    @usableFromInline var keys: [RecipientKey] = []
    @usableFromInline var suspects: [Suspect] = []
    /// Those in unknown places, and those that a library had to read.
    var openSuspects = 0
    var dearSuspects = 0
    /// Pieces of text that were tried, and texts that were decoded further, of this request.
    var attempts = 0
    var decodings = 0
    /// What stands in ``text`` while a part of it is searched.
    var spare = GrowableBytes(capacity: 512)
    /// Which of the endpoint's slots hold something, one bit each.
    var filled: UInt64 = 0
    /// How many of the findings only mention somebody.
    var mentioned = 0
    var pieces: [TextPiece] = []
    var alignedTexts: [AlignedText] = []
    /// The parts of postal addresses in a form, their texts one behind the other, and those of the address at hand in ``text``.
    var formParts: [FormPart] = []
    var formPartTexts = GrowableBytes(capacity: 256)
    var addressParts: [ByteRange] = []
    var mailboxes = MailboxList()
    /// Elements of ``mailboxes``, while a text is rewritten.
    var mailboxCuts: [Int] = []
    var lists: [ListState] = []
    var trail: [TrailStep] = []
    /// Items still in, by list, while a verdict is worked out.
    var live: [Int] = []
    /// By tape node.
    var isCut: [Bool] = []
    var cuts: [Int] = []
    /// Keys of recipients who were taken out, while a verdict is worked out.
    var gone: Set<RecipientKey> = []
    var ranges: [ByteRange] = []
    var nameRanges: [ByteRange] = []
    var endpoint: Endpoint?
    /// How the body of the last request is written.
    var format = EndpointSpec.Format.none
    /// What goes from a form with those who are blocked.
    var formCuts = FormCuts()
    /// The slots whose fields were seen, one bit each; forms have no more than fit.
    var seenSlots: UInt64 = 0
    /// The slots below whose fields others were seen, one bit each.
    var forked: UInt64 = 0
    /// The values of the headers that ``Endpoint/headerSlots`` names, in its order; no range where there is none.
    @usableFromInline var headerTexts = GrowableBytes(capacity: 256)
    @usableFromInline var headerRanges: [ByteRange?] = []
    var isSigned = false
    /// The value of the field that the last question about one was for, and whether it is known.
    var choice = Choice()

    /// - Parameter normaliser: reads identifiers under the rules and the secret of the installation.
    public init(normaliser: consuming Normaliser) {
        program = normaliser.anyProgram
        self.normaliser = normaliser
        findings.reserveCapacity(64)
        keys.reserveCapacity(256)
    }

    /// What ``program`` is for a send that names none.
    public var anyProgram: ProgramKey { normaliser.anyProgram }

    /// Reads one request and judges it.
    /// - Parameters:
    ///   - endpoint: the send it is, from the route.
    ///   - path: its path as the endpoint's template matched it.
    ///   - headers: its header fields.
    ///   - contentType: the value of its one Content-Type field; `nil` when it has none.
    ///   - query: the query string without `?`, as it will be forwarded.
    ///   - body: the whole body, content coding taken off.
    ///   - isSigned: whether the request has the endpoint's ``Endpoint/signatureHeader``, so that nothing can be stripped.
    ///   - suppressions: answers whether somebody may be contacted.
    /// - Complexity: linear in the body, whatever its bytes. No allocation once warm, unless something is stripped.
    @inlinable
    public mutating func inspect(
        _ endpoint: Endpoint, path: Span<UInt8>, headers: borrowing some RequestHeaders, contentType: Span<UInt8>?,
        query: Span<UInt8>, body: Span<UInt8>, isSigned: Bool, suppressions: borrowing some SuppressionLookup
    ) -> Verdict {
        if !endpoint.headerSlots.isEmpty, let refusal = takeHeaders(endpoint, headers) { return .refuse(refusal) }
        if let refusal = read(endpoint, path: path, contentType: contentType, query: query, body: body, isSigned: isSigned) {
            return .refuse(refusal)
        }
        return judge(suppressions)
    }

    /// The same for a request whose path and headers hold no recipient.
    @inlinable
    public mutating func inspect(
        _ endpoint: Endpoint, contentType: Span<UInt8>?, query: Span<UInt8>, body: Span<UInt8>, isSigned: Bool,
        suppressions: borrowing some SuppressionLookup
    ) -> Verdict {
        inspect(
            endpoint, path: body.extracting(0..<0), headers: NoHeaders(), contentType: contentType, query: query, body: body,
            isSigned: isSigned, suppressions: suppressions)
    }

    /// Copies the headers that hold recipients.
    @inlinable
    mutating func takeHeaders(_ endpoint: Endpoint, _ headers: borrowing some RequestHeaders) -> Refusal? {
        headerTexts.reset(keeping: 64 << 10)
        headerRanges.removeAll(keepingCapacity: true)
        for index in endpoint.headerSlots.indices {
            let start = headerTexts.count
            let name = endpoint.headerSlots[index].name
            switch headers.append(name.span, to: &headerTexts) {
            case 0: headerRanges.append(nil)
            case 1: headerRanges.append(ByteRange(start..<headerTexts.count))
            default: return .nameRepeated
            }
        }
        return nil
    }

    /// Judges the request that was read last against what is suppressed now. To be asked again right before the bytes
    /// leave, when ``SuppressionLookup/version`` has changed since.
    /// - Complexity: two look-ups for each candidate key.
    @inlinable
    public mutating func judge(_ suppressions: borrowing some SuppressionLookup) -> Verdict {
        for index in findings.indices {
            var blocked: ChannelSet = []
            for key in findings[index].keys { blocked.formUnion(Self.blockedChannels(keys[key], program, suppressions)) }
            findings[index].suppressedOn = blocked.intersection(findings[index].channels)
        }
        let channels = enforcedChannels
        for index in suspects.indices {
            var blocked: ChannelSet = []
            for key in suspects[index].keys { blocked.formUnion(Self.blockedChannels(keys[key], program, suppressions)) }
            suspects[index].isSuppressed = !blocked.isDisjoint(with: channels)
        }
        return decide()
    }

    /// What keeps `key` from being sent to, in every program or in this one. Static, because the compiler copies the whole
    /// inspector for a borrowing call.
    @inlinable
    static func blockedChannels(_ key: RecipientKey, _ program: ProgramKey, _ suppressions: borrowing some SuppressionLookup) -> ChannelSet {
        suppressions.blockedChannels(key).union(suppressions.blockedChannels(program.key(of: key)))
    }

    /// How many findings the verdict takes out or blocks.
    public var blockedCount: Int {
        var count = 0
        for finding in findings where !finding.isMention && (finding.fate == .blocked || finding.fate == .dropped) { count += 1 }
        return count
    }

    /// Appends the body of a request whose verdict is ``Verdict/strip``: every byte but those of the blocked findings,
    /// and of what goes with them.
    /// - Parameter body: the same bytes that were inspected.
    public mutating func appendRewritten(_ body: Span<UInt8>, into out: inout GrowableBytes) {
        switch format {
        case .form: return appendRewrittenForm(body, into: &out)
        case .multipart: return appendRewrittenParts(body, into: &out)
        case .json, .mime, .none: break
        }
        ranges.removeAll(keepingCapacity: true)
        if format == .mime { return appendEdited(body, into: &out) }
        cuts.sort()
        json.appendCuts(cuts, in: body, to: &ranges)
        if !pieces.isEmpty {
            appendPieceCuts(body)
            ranges.sort { $0.lower < $1.lower }
        }
        guard nests.isEmpty else { return appendEdited(body, into: &out) }
        var from = 0
        for range in ranges {
            out.append(body.extracting(from..<Int(range.lower)))
            from = Int(range.upper)
        }
        out.append(body.extracting(from..<body.count))
    }

    /// Appends the body of the provider's answer to a request whose verdict is ``Verdict/reject``.
    /// - Parameter body: the bytes that were inspected.
    /// - Parameter auditID: the decision's id in the audit log; empty when there is none.
    public mutating func appendSuppressed(_ body: Span<UInt8>, auditID: Span<UInt8>, into out: inout GrowableBytes) {
        guard let endpoint else { return }
        ranges.removeAll(keepingCapacity: true)
        nameRanges.removeAll(keepingCapacity: true)
        // Of the others nothing bad is to be said: they were not sent to because there is no way to send to them alone.
        for finding in findings where finding.fate == .blocked && !finding.isMention {
            ranges.append(finding.spelling)
            nameRanges.append(finding.normalForm)
        }
        guard endpoint.errors.namesResults, let rule = endpoint.extras?.results else {
            spare.reset()
            return Self.append(endpoint.errors, spellings, ranges, normalForms, nameRanges, spare, auditID, into: &out)
        }
        var results = GrowableBytes()
        appendResults(rule, body, auditID: auditID, into: &results)
        Self.append(endpoint.errors, spellings, ranges, normalForms, nameRanges, results, auditID, into: &out)
    }

    // Borrows single fields, so that the compiler sees that they do not overlap.
    private static func append(
        _ errors: NativeErrors, _ spellings: borrowing GrowableBytes, _ ranges: [ByteRange], _ names: borrowing GrowableBytes,
        _ nameRanges: [ByteRange], _ results: borrowing GrowableBytes, _ auditID: Span<UInt8>, into out: inout GrowableBytes
    ) {
        spellings.withSpan { spellings in
            names.withSpan { names in
                results.withSpan { results in
                    errors.appendSuppressed(
                        texts: spellings, recipients: ranges.span, names: names, addresses: nameRanges.span, results: results,
                        auditID: auditID, into: &out)
                }
            }
        }
    }

    /// The channels whose suppressions are enforced for the current endpoint.
    @usableFromInline var enforcedChannels: ChannelSet {
        guard let endpoint else { return [] }
        return endpoint.channels.subtracting(endpoint.monitored)
    }
}
