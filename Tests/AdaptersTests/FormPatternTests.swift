@testable import Adapters
import Bytes
import Testing

@Suite struct FormPatternTests {
    private func match(_ place: String, _ name: String) throws -> [UInt32]? {
        let pattern = try FormPattern(place, path: "at")
        var numbers = FormPattern.Numbers()
        guard pattern.matches(Array(name.utf8).span, &numbers) else { return nil }
        return Array([numbers.first, numbers.second].prefix(pattern.numbers))
    }

    @Test func namesWithNumbers() throws {
        #expect(try match("To", "To") == [])
        #expect(try match("To", "to") == nil)
        #expect(try match("to[]", "to[]") == [])
        #expect(try match("to[]", "to[0]") == nil)
        #expect(try match("a.member.[#]", "a.member.12") == [12])
        #expect(try match("a.member.[#]", "a.member.0") == [0])
        #expect(try match("a.member.[#]", "a.member.012") == nil)
        #expect(try match("a.member.[#]", "a.member.") == nil)
        #expect(try match("a.member.[#]", "a.member.+1") == nil)
        #expect(try match("a.member.[#]", "a.member.1x") == nil)
        #expect(try match("a.member.[#]", "a.member.[1]") == nil)
        #expect(try match("a.member.[#]", "a.member.1234567890") == nil)
        #expect(try match("r[#][email]", "r[3][email]") == [3])
        #expect(try match("r[#][email]", "r[3][Email]") == nil)
        #expect(try match("r[#][email]", "r[][email]") == nil)
        #expect(try match("D.member.[#].To.member.[#]", "D.member.2.To.member.77") == [2, 77])
        #expect(try match("v:{*}", "v:my-var") == [])
        #expect(try match("v:{*}", "v:") == nil)
    }

    @Test func whatStandsBelow() throws {
        let pattern = try FormPattern("D.member.[#]", path: "at")
        var numbers = FormPattern.Numbers()
        for name in ["D.member.7", "D.member.7.To", "D.member.7[x]"] {
            let holds = pattern.holds(Array(name.utf8).span, &numbers)
            #expect(holds && numbers.first == 7)
        }
        for name in ["D.member.7x", "D.member", "D.members.7"] {
            let holds = pattern.holds(Array(name.utf8).span, &numbers)
            #expect(!holds)
        }
        let nested = try FormPattern("D.member.[#].To.member.[#]", path: "at")
        let ranges = nested.digits(Array("D.member.10.To.member.200.x".utf8).span)
        #expect(ranges == [9..<11, 22..<25])
        let brackets = try FormPattern("to[#]", path: "at").digits(Array("to[15][email]".utf8).span)
        #expect(brackets == [3..<5])
    }

    @Test(arguments: ["", "[#]", "a b", "a&b", "a=b", "a%5B", "v:{*}x", "{*}", "a[#][#][#]", "\u{fc}", "[a]"])
    func whatIsNoName(place: String) {
        #expect(throws: AdapterProblem.self) { try FormPattern(place, path: "at") }
    }

    /// The same number twice is one list item in two readings; others are many.
    @Test func numberedFieldsAreOncePerNumber() {
        var seen = NumberedFields()
        for round in 0..<3 {
            seen.reset()
            for number in 0..<1000 {
                var numbers = FormPattern.Numbers()
                numbers.first = UInt32(number)
                numbers.second = UInt32(round)
                let answers = [seen.insert(slot: 0, numbers), seen.insert(slot: 1, numbers), seen.insert(slot: 0, numbers)]
                #expect(answers == [true, true, false])
            }
        }
    }
}
