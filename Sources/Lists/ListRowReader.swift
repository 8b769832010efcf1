import Recipients

/// Makes keys of a chunk's rows. One per thread. Allocates for rejected rows only.
struct ListRowReader: ~Copyable {
    /// What came of one chunk.
    struct Yield {
        var keys: [RecipientKey] = []
        var rows = 0
        var rejectedCount = 0
        var rejected: [RejectedListRow] = []
    }

    /// Rejected rows kept of one chunk; more are only counted.
    private static let keptRejections = 20_000
    private static let keptText = 1000

    private let kind: IdentifierKind
    private let columnCount: Int
    private let joinsColumns: Bool
    private let isNorthAmerican: Bool
    private var scanner: ListRowScanner
    private var normaliser: Normaliser
    private var found = CandidateKeys()
    private var scratch: [UInt8] = []

    init(_ format: ListFormat, options: ListOptions, rules: NormalisationRules, secret: DigestSecret) throws(ListFailure) {
        kind = options.kind
        columnCount = format.columns.count
        joinsColumns = options.joinsColumns
        scanner = format.scanner
        isNorthAmerican = options.kind == .phone && options.region?.isNorthAmerican == true
        var rules = rules
        if let region = options.region {
            do {
                rules = try NormalisationRules(
                    defaultRegions: [region.description], baseCoversTags: rules.baseCoversTags, gmailIgnoresDots: rules.gmailIgnoresDots)
            } catch {
                throw .badOptions("\(error)")
            }
        }
        normaliser = Normaliser(rules: rules, secret: secret)
        scratch.reserveCapacity(256)
    }

    mutating func read(_ chunk: ListChunk) -> Yield {
        var yield = Yield()
        let bytes = chunk.bytes.span
        if chunk.isOverlong {
            yield.rows = 1
            reject(&yield, ListRowScanner.Problem.tooLong.rawValue, line: chunk.firstLine, bytes, 0..<bytes.count)
            return yield
        }
        yield.keys.reserveCapacity(bytes.count / 12)
        var start = 0, line = chunk.firstLine
        while start < bytes.count {
            switch scanner.next(bytes, from: start, isLast: true) {
            case .row(let end, let lines):
                if !isBlank(bytes, start..<end) {
                    yield.rows += 1
                    if let cause = take(bytes, &yield) { reject(&yield, cause, line: line, bytes, start..<end) }
                }
                start = end
                line += lines
            case .broken(let problem, let end):
                yield.rows += 1
                reject(&yield, problem.rawValue, line: line, bytes, start..<end)
                start = end
                line += 1
            case .needsMore:
                // Not with isLast; but a chunk is never gone through twice.
                return yield
            }
        }
        return yield
    }

    /// Makes keys of the row that the scanner found.
    /// - Returns: why an identifier of it was not taken.
    private mutating func take(_ bytes: Span<UInt8>, _ yield: inout Yield) -> String? {
        var cause: String?
        var isNamed = false
        if joinsColumns {
            scratch.removeAll(keepingCapacity: true)
            for slot in 0..<columnCount where scanner.fields[slot].isPresent {
                let field = scanner.fields[slot]
                for i in Self.trimmed(bytes, field.range) { scratch.append(bytes[i]) }
            }
            if !scratch.isEmpty {
                isNamed = true
                let joined = scratch
                cause = key(joined.span, &yield)
            }
        } else {
            for slot in 0..<columnCount where scanner.fields[slot].isPresent {
                let field = scanner.fields[slot]
                var text = bytes.extracting(Self.trimmed(bytes, field.range))
                if text.isEmpty { continue }
                isNamed = true
                let problem: String?
                if field.hasEscapes {
                    let plain = unescaped(text)
                    problem = key(plain.span, &yield)
                } else {
                    // An apostrophe that keeps a spreadsheet from computing.
                    if text.count > 1, text[0] == UInt8(ascii: "'") { text = text.extracting(1...) }
                    problem = key(text, &yield)
                }
                if let problem { cause = cause ?? problem }
            }
        }
        return isNamed ? cause : "The row names no identifier."
    }

    private mutating func key(_ text: Span<UInt8>, _ yield: inout Yield) -> String? {
        do throws(IdentifierProblem) {
            if isNorthAmerican, let number = Self.completed(text) {
                try normaliser.storedKeys(of: number.span, kind: .phone, into: &found)
            } else {
                try normaliser.storedKeys(of: text, kind: kind, into: &found)
            }
        } catch {
            return "\(error.message)"
        }
        for i in found.indices { yield.keys.append(found[i]) }
        return nil
    }

    /// The number with `+1`, when it has ten digits, or eleven with the 1, in the usual punctuation.
    private static func completed(_ text: Span<UInt8>) -> InlineArray<12, UInt8>? {
        var digits = InlineArray<12, UInt8>(repeating: UInt8(ascii: "+"))
        var count = 0
        for i in text.indices {
            switch text[i] {
            case 0x30...0x39:
                if count == 0, text[i] >= 0x32 {
                    digits[1] = 0x31
                    count = 1
                }
                guard count < 11, count > 0 || text[i] == 0x31 else { return nil }
                count += 1
                digits[count] = text[i]
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"): continue
            default: return nil
            }
        }
        return count == 11 && digits[2] >= 0x32 ? digits : nil
    }

    private static func trimmed(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound, upper = range.upperBound
        while lower < upper, text[lower] == 0x20 || text[lower] == 0x09 { lower += 1 }
        while upper > lower, text[upper - 1] == 0x20 || text[upper - 1] == 0x09 || text[upper - 1] == 0x0d { upper -= 1 }
        return lower..<upper
    }

    private func unescaped(_ text: Span<UInt8>) -> [UInt8] {
        var plain: [UInt8] = [], i = 0
        while i < text.count {
            plain.append(text[i])
            i += text[i] == ListRowScanner.quote ? 2 : 1
        }
        return plain
    }

    private func isBlank(_ bytes: Span<UInt8>, _ row: Range<Int>) -> Bool {
        for i in row where bytes[i] != 0x0a && bytes[i] != 0x0d && bytes[i] != 0x20 && bytes[i] != 0x09 { return false }
        return true
    }

    private func reject(_ yield: inout Yield, _ cause: String, line: Int, _ bytes: Span<UInt8>, _ row: Range<Int>) {
        yield.rejectedCount += 1
        guard yield.rejected.count < Self.keptRejections else { return }
        var upper = min(row.upperBound, row.lowerBound + Self.keptText)
        while upper > row.lowerBound, bytes[upper - 1] == 0x0a || bytes[upper - 1] == 0x0d { upper -= 1 }
        let text = String(decoding: (row.lowerBound..<upper).map { bytes[$0] }, as: UTF8.self)
        yield.rejected.append(RejectedListRow(line: line, cause: cause, text: text))
    }
}
