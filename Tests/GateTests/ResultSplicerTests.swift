@testable import Adapters
import Bytes
@testable import Gate
import Testing

@Suite struct ResultSplicerTests {
    static func splice(_ total: Int, _ cut: [Int], _ answer: String, at: String = "[*]", of: String = "[*]") throws -> String? {
        let rule = try ResultsRule(ResultsSpec(of: of, at: at, blocked: #"{"to":"{{recipient}}","id":"{{audit_id}}"}"#))
        let plan = ResultPlan(total: total, cut: cut.map { .init(index: $0, recipient: Array("r\($0)".utf8)) })
        var splicer = ResultSplicer()
        var out = GrowableBytes()
        let isDone = splicer.splice(plan, rule, auditID: "A".utf8.span, answer: answer.utf8.span, into: &out)
        #expect(isDone || out.isEmpty)
        return isDone ? String(decoding: out.bytes, as: UTF8.self) : nil
    }

    static func own(_ index: Int) -> String { #"{"to":"r\#(index)","id":"A"}"# }

    @Test func everyChoiceOfItems() throws {
        for total in 1...5 {
            for choice in 0..<(1 << total) {
                let cut = (0..<total).filter { choice & 1 << $0 != 0 }
                let left = (0..<total).filter { !cut.contains($0) }
                let answer = "[" + left.map { "{\"n\":\($0)}" }.joined(separator: " , ") + "]"
                let wanted = "[" + (0..<total).map { cut.contains($0) ? own($0) : "{\"n\":\($0)}" }.joined(separator: ",") + "]"
                #expect(try Self.splice(total, cut, answer) == wanted)
            }
        }
    }

    private func own(_ index: Int) -> String { Self.own(index) }

    @Test func everythingElseStaysAsItIs() throws {
        let answer = "{ \"x\" : 1.0 ,\"data\":[ {\"a\":\"\\u00e4\"} ], \"y\":[[ ]]\n}"
        #expect(try Self.splice(2, [1], answer, at: "data[*]") == "{ \"x\" : 1.0 ,\"data\":[{\"a\":\"\\u00e4\"},\(own(1))], \"y\":[[ ]]\n}")
    }

    @Test func mapsGetMembers() throws {
        let answer = #"{"Result":{"+1555":{"s":1}}}"#
        #expect(try Self.splice(2, [1], answer, at: "Result.{*}", of: "Addresses.{*}") == #"{"Result":{"+1555":{"s":1},"r1":\#(own(1))}}"#)
    }

    @Test(arguments: ["[]", "[1,2]", "{}", "[1", "", "x", "[1]x", #"{"a":1,"a":2}"#])
    func answersThatDoNotLineUpAreLeftAlone(_ answer: String) throws {
        #expect(try Self.splice(2, [0], answer) == nil)
    }

    @Test func aSecondGoCountsAmongWhatTheFirstLeft() {
        var plan = ResultPlan(total: 5, cut: [.init(index: 1, recipient: [1]), .init(index: 3, recipient: [3])])
        plan.add(ResultPlan(total: 3, cut: [.init(index: 1, recipient: [2])]))
        #expect(plan.cut.map(\.index) == [1, 2, 3] && plan.total == 5)
        plan.add(ResultPlan(total: 2, cut: [.init(index: 0, recipient: [0]), .init(index: 1, recipient: [4])]))
        #expect(plan.cut.map(\.index) == [0, 1, 2, 3, 4])
    }

    @Test(arguments: [
        ResultsSpec(of: "to", at: "[*]", blocked: "{}"), ResultsSpec(of: "[*]", at: "data", blocked: "{}"),
        ResultsSpec(of: "[*]", at: "[*]", blocked: "{{nobody}}"), ResultsSpec(of: "[*]", at: "[*]", blocked: #"{"a":}"#),
        ResultsSpec(of: "[*]", at: "[*]", blocked: "{}", status: 400), ResultsSpec(of: "[*]", at: "[*]", blocked: "{{recipient}}{}"),
    ])
    func refusesRulesThatCannotWork(_ spec: ResultsSpec) {
        #expect(throws: AdapterProblem.self) { try ResultsRule(spec) }
    }
}
