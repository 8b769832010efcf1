/// Reads HTTP/1.1 and 1.0 request heads, strictly: whatever two parsers could read differently is refused (RFC 9112;
/// docs/hardening 2.1).
///
/// Incremental and linear: each byte is looked at once however it arrives, and the result does not depend on how the bytes were
/// cut. Keeps no bytes of its own; allocates nothing beyond what ``FieldBlock`` grows to.
public struct H1RequestParser: Sendable {
    private enum Phase: Sendable { case requestLine, fields, failed(HTTPFault) }

    public let limits: H1Limits
    private var phase = Phase.requestLine
    private var lines = HeadLines()
    private var blankLines = 0
    private var fieldBytes = 0

    public init(limits: H1Limits = .request) { self.limits = limits }

    /// Where in the input the line stands that is being read, or that was at fault: for error reports.
    public var offset: Int { lines.lineStart }

    /// Whether nothing of a message has been seen: an idle connection may close here without harm.
    public var isBetweenMessages: Bool {
        if case .requestLine = phase { return lines.scanned == 0 }
        return false
    }

    /// Forgets the message being read, and a fault.
    public mutating func reset() {
        phase = .requestLine
        lines = HeadLines()
        blankLines = 0
        fieldBytes = 0
    }

    /// Reads on in `input`: all bytes from the start of the message, those of earlier calls included.
    ///
    /// After `done` the parser is ready for the next message, whose bytes (or the body) follow the consumed ones. After `failed`
    /// it repeats the fault until ``reset()``.
    /// - Parameter head: filled in; complete only after `done`.
    public mutating func parse(_ input: UnsafeBufferPointer<UInt8>, into head: inout RequestHead) -> H1ParseStep {
        guard let base = input.baseAddress else { return .needMore }
        while true {
            switch phase {
            case .failed(let fault): return .failed(fault)

            case .requestLine:
                switch lines.next(input, limit: limits.startLine) {
                case .needMore: return .needMore
                case .tooLong: return fail(.requestLineTooLong)
                case .bareLineFeed: return fail(.bareLineFeed)
                case .line(let line) where line.isEmpty:
                    blankLines += 1
                    if blankLines > limits.leadingBlankLines { return fail(.blankLines) }
                case .line(let line):
                    head.reset()
                    if let fault = head.readRequestLine(UnsafeBufferPointer(start: base + line.lowerBound, count: line.count)) {
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
                    if let fault = head.conclude() { return fail(fault) }
                    let consumed = line.upperBound + 2
                    reset()
                    return .done(consumed: consumed)
                case .line(let line):
                    fieldBytes &+= line.count &+ 2
                    if fieldBytes > limits.allFields { return fail(.fieldsTooLarge) }
                    if head.fields.count >= limits.fieldCount { return fail(.tooManyFields) }
                    if let fault = head.fields.appendLine(
                        base + line.lowerBound, count: line.count, allowsUnderscore: false)
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
