/// Reads HTTP/1.1 and 1.0 response heads from upstream. As strict as the request parser where two readings are possible, and
/// lenient where ordinary servers differ harmlessly: a missing reason phrase, underscores in names.
///
/// Each 1xx head is reported on its own (``ResponseHead/isInterim``); call again behind it for the next one.
public struct H1ResponseParser: Sendable {
    private enum Phase: Sendable { case statusLine, fields, failed(HTTPFault) }

    /// The most 1xx heads taken before the final one.
    public static let interimLimit = 8

    public let limits: H1Limits
    private var phase = Phase.statusLine
    private var lines = HeadLines()
    private var fieldBytes = 0
    private var interims = 0

    public init(limits: H1Limits = .response) { self.limits = limits }

    /// Where in the input the line stands that is being read, or that was at fault.
    public var offset: Int { lines.lineStart }

    /// Forgets the response being read, and a fault.
    public mutating func reset() {
        startHead()
        interims = 0
    }

    private mutating func startHead() {
        phase = .statusLine
        lines = HeadLines()
        fieldBytes = 0
    }

    /// Reads on in `input`: all bytes from the start of the head, those of earlier calls included.
    /// - Parameter method: the method of the request being answered: it decides whether a body follows.
    public mutating func parse(
        _ input: UnsafeBufferPointer<UInt8>, answering method: HTTPMethod, into head: inout ResponseHead
    ) -> H1ParseStep {
        guard let base = input.baseAddress else { return .needMore }
        while true {
            switch phase {
            case .failed(let fault): return .failed(fault)

            case .statusLine:
                switch lines.next(input, limit: limits.startLine) {
                case .needMore: return .needMore
                case .tooLong: return fail(.statusLine)
                case .bareLineFeed: return fail(.bareLineFeed)
                case .line(let line):
                    head.reset()
                    if let fault = head.readStatusLine(UnsafeBufferPointer(start: base + line.lowerBound, count: line.count)) {
                        return fail(fault)
                    }
                    phase = .fields
                }

            case .fields:
                switch lines.next(input, limit: limits.fieldLine) {
                case .needMore: return .needMore
                case .tooLong: return fail(.fieldLineTooLong)
                case .bareLineFeed: return fail(.bareLineFeed)
                case .line(let line) where line.isEmpty:
                    if let fault = head.conclude(answering: method) { return fail(fault) }
                    let consumed = line.upperBound + 2
                    startHead()
                    interims = head.isInterim ? interims + 1 : 0
                    if interims > Self.interimLimit { return fail(.interimResponses) }
                    return .done(consumed: consumed)
                case .line(let line):
                    fieldBytes &+= line.count &+ 2
                    if fieldBytes > limits.allFields { return fail(.fieldsTooLarge) }
                    if head.fields.count >= limits.fieldCount { return fail(.tooManyFields) }
                    if let fault = head.fields.appendLine(
                        base + line.lowerBound, count: line.count, allowsUnderscore: true)
                    {
                        return fail(fault)
                    }
                }
            }
        }
    }

    private mutating func fail(_ fault: HTTPFault) -> H1ParseStep {
        phase = .failed(fault)
        return .failed(fault)
    }
}
