import Bytes
import HTTPKit
import Testing

/// Everything a caller can read off a request parse, as values that can be compared.
struct RequestReading: Equatable, CustomStringConvertible {
    var step: H1ParseStep
    var method = HTTPMethod.other
    var methodName = ""
    var version = HTTPVersion.http11
    var path = ""
    var authority = ""
    var fields: [Pair] = []
    var framing = BodyFraming.none
    var keepAlive = false
    var expectsContinue = false
    var offersUpgrade = false

    struct Pair: Equatable { var name: String, value: String, isNominated: Bool }

    var fault: HTTPFault? { if case .failed(let fault) = step { fault } else { nil } }
    var description: String { "\(step) \(methodName) \(path) \(authority) \(framing) \(fields.map { "\($0.name)=\($0.value)" })" }

    init(_ step: H1ParseStep, _ head: borrowing RequestHead) {
        self.step = step
        guard case .done = step else { return }     // before that the head is unfinished
        method = head.method
        methodName = text(head.fields.bytes(head.methodName))
        version = head.version
        path = text(head.fields.bytes(head.path))
        authority = text(head.fields.bytes(head.authority))
        fields = pairs(head.fields)
        framing = head.framing
        keepAlive = head.keepAlive
        expectsContinue = head.expectsContinue
        offersUpgrade = head.offersUpgrade
    }
}

func pairs(_ fields: borrowing FieldBlock) -> [RequestReading.Pair] {
    var list: [RequestReading.Pair] = []
    for i in 0..<fields.count {
        list.append(.init(name: text(fields.name(i)), value: text(fields.value(i)), isNominated: fields[i].isNominated))
    }
    return list
}

/// Latin-1, so that no byte is lost.
func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String { String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })) }

/// Latin-1 bytes of a test's literal.
func wire(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

/// Parses `bytes` as they arrive: after `arrivals[0]` bytes, then after `arrivals[1]`, and so on, each time at a new address and
/// with nothing readable behind the end.
func readRequest(_ bytes: [UInt8], arrivals: some Sequence<Int>, limits: H1Limits = .request) -> RequestReading {
    var parser = H1RequestParser(limits: limits)
    var head = RequestHead()
    var step = H1ParseStep.needMore
    for count in arrivals {
        let exact = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
        defer { exact.deallocate() }
        for i in 0..<count { exact[i] = bytes[i] }
        step = parser.parse(UnsafeBufferPointer(exact), into: &head)
        if step != .needMore { break }
    }
    return RequestReading(step, head)
}

/// Parses `bytes` whole, byte by byte, and (when short) cut in two at every place; all must agree.
func readRequest(_ bytes: [UInt8], limits: H1Limits = .request, sourceLocation: SourceLocation = #_sourceLocation) -> RequestReading {
    let whole = readRequest(bytes, arrivals: [bytes.count], limits: limits)
    let stride = bytes.count < 2000 ? 1 : 61
    var steps = Array(Swift.stride(from: stride, to: bytes.count, by: stride))
    steps.append(bytes.count)
    #expect(readRequest(bytes, arrivals: steps, limits: limits) == whole, "piecemeal", sourceLocation: sourceLocation)
    if bytes.count < 600 {
        for cut in 0..<bytes.count {
            let halves = readRequest(bytes, arrivals: [cut, bytes.count], limits: limits)
            if halves != whole { Issue.record("cut at \(cut): \(halves) but whole: \(whole)", sourceLocation: sourceLocation) }
        }
    }
    return whole
}

func readRequest(_ text: String, limits: H1Limits = .request, sourceLocation: SourceLocation = #_sourceLocation) -> RequestReading {
    readRequest(wire(text), limits: limits, sourceLocation: sourceLocation)
}

/// One message and what must become of it.
struct Rule: CustomTestStringConvertible, Sendable {
    let message: String
    let fault: HTTPFault?
    init(_ message: String, _ fault: HTTPFault? = nil) {
        self.message = message
        self.fault = fault
    }
    var testDescription: String { "\(message.prefix(120).debugDescription) → \(fault.map { "\($0)" } ?? "taken")" }
}

/// A POST with the given further field lines.
func post(_ lines: String...) -> String {
    "POST /m HTTP/1.1\r\nHost: a.example\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
}
