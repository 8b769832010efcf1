public import Adapters
public import Bytes

/// Puts results of our own into a provider's answer, at the places of what was taken out of the request. Pure; a worker keeps one.
public struct ResultSplicer: ~Copyable {
    private var tape = JSONTape()

    public init() {}

    /// - Parameters:
    ///   - answer: the whole body of the provider's answer, content coding taken off.
    ///   - auditID: for the placeholder of this name; plain ASCII.
    ///   - out: gets the new body.
    /// - Returns: whether it could be done: the answer must be JSON, and have exactly one result for every item that went out. If
    ///   not, `out` is as it was.
    /// - Complexity: linear in answer and plan.
    public mutating func splice(
        _ plan: ResultPlan, _ rule: ResultsRule, auditID: Span<UInt8>, answer: Span<UInt8>, into out: inout GrowableBytes
    ) -> Bool {
        var limits = JSONLimits.standard
        limits.elements = 200_000
        limits.stringBytes = max(limits.stringBytes, answer.count)
        do throws(BodyFault) { try tape.scan(answer, limits: limits) } catch { return false }
        guard let list = rule.at.container(tape, in: answer), Int(tape[list].count) == plan.total - plan.cut.count else { return false }
        let isMap = tape[list].kind == .object
        let inside = Int(tape[list].value.lower) + 1..<Int(tape[list].value.upper) - 1
        out.append(answer.extracting(0..<inside.lowerBound))
        var child = list + 1
        var next = 0
        for index in 0..<plan.total {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            if next < plan.cut.count, plan.cut[next].index == index {
                let recipient = plan.cut[next].recipient
                if isMap {
                    out.append(UInt8(ascii: "\""))
                    out.append(recipient.span)
                    out.append("\":")
                }
                rule.append(recipient: recipient.span, auditID: auditID, into: &out)
                next += 1
            } else {
                out.append(answer.extracting(tape[child].start..<Int(tape[child].value.upper)))
                child = Int(tape[child].end)
            }
        }
        out.append(answer.extracting(inside.upperBound..<answer.count))
        return true
    }
}
