import Adapters
import AllocationCounter
import Bytes
import Foundation
import Gate
import Recipients
import Testing

@Suite struct FormPropertyTests {
    private static let isDebug: Bool = {
        var isDebug = false
        assert({ isDebug = true; return true }())
        return isDebug
    }()
    private static let type = Array("application/x-www-form-urlencoded".utf8)

    private func inspect(_ inspector: inout Inspector, _ id: String, _ body: [UInt8]) -> Verdict {
        inspector.inspect(
            FormFixture.endpoint(id), contentType: Self.type.span, query: [UInt8]().span, body: body.span, isSigned: false,
            suppressions: Fixture.suppressed)
    }

    /// Strip, then inspect: nobody blocked is left, and a simple parser finds exactly the others, in order, under numbers that
    /// close up.
    @Test(arguments: 0..<400) func aStrippedFormIsAllowed(seed: Int) {
        var generator = FormGenerator(seed: UInt64(seed) + 1)
        let fields = generator.form()
        let body = Array(generator.urlencoded(fields).utf8)
        let expected = FormGenerator.stripped(fields)
        let isAnybodyLeft = expected.contains { if case .to = $0 { true } else { false } }
        var inspector = Fixture.inspector()
        let verdict = inspect(&inspector, "bulk", body)
        guard expected != fields else {
            #expect(verdict == .allow)
            return
        }
        guard isAnybodyLeft else {
            #expect(verdict == .reject)
            return
        }
        #expect(verdict == .strip)
        var out = GrowableBytes()
        inspector.appendRewritten(body.span, into: &out)
        let text = String(decoding: out.array, as: UTF8.self)
        let found = FormGenerator.read(text)
        #expect(found.map(\.0) == expected.map { FormGenerator.name($0) }, "seed \(seed)")
        #expect(found.map(\.1) == expected.map { FormGenerator.value($0) }, "seed \(seed)")
        #expect(inspect(&inspector, "bulk", out.array) == .allow, "seed \(seed): \(text)")
    }

    /// However a text with a list is cut, what is left is the list of the others.
    @Test(arguments: 0..<300) func aStrippedListIsTheOthers(seed: Int) {
        var generator = FormGenerator(seed: UInt64(seed) &* 31 + 7)
        let people = (0..<(2 + generator.next(8))).map { _ in ["+14155550100", "+14155550111", "14155550112", "+14155550113"][generator.next(4)] }
        let rings = people.indices.map { "\($0)" }
        func join(_ list: [String]) -> String {
            list.enumerated().map { $0.offset == 0 ? $0.element : ["<", "%3C", "%3c"][generator.next(3)] + ["", "+", "%20"][generator.next(3)] + $0.element }.joined()
        }
        let body = Array("text=a&dst=\(join(people.map { $0.replacing("+", with: "%2B") }))&ring=\(join(rings))".utf8)
        let kept = people.indices.filter { people[$0] != "+14155550100" }
        var inspector = Fixture.inspector()
        let verdict = inspect(&inspector, "pieces", body)
        #expect(verdict == (kept.count == people.count ? .allow : kept.isEmpty ? .reject : .strip))
        guard verdict == .strip else { return }
        var out = GrowableBytes()
        inspector.appendRewritten(body.span, into: &out)
        let found = FormGenerator.read(String(decoding: out.array, as: UTF8.self))
        func list(_ text: String) -> [String] { text.split(separator: "<").map { $0.trimmingPrefix(" ").description } }
        #expect(found.map(\.0) == ["text", "dst", "ring"])
        #expect(list(found[1].1) == kept.map { people[$0] })
        #expect(list(found[2].1) == kept.map { rings[$0] })
    }

    /// Order changes nothing.
    @Test(arguments: 0..<100) func orderDoesNotMatter(seed: Int) {
        var generator = FormGenerator(seed: UInt64(seed) &* 7919 + 3)
        var fields = generator.form()
        var inspector = Fixture.inspector()
        let first = inspect(&inspector, "bulk", Array(generator.urlencoded(fields).utf8))
        let fates = inspector.recipients.map(\.fate.rawValue).sorted()
        for _ in 0..<4 {
            for index in fields.indices.reversed() { fields.swapAt(index, generator.next(index + 1)) }
            #expect(inspect(&inspector, "bulk", Array(generator.urlencoded(fields).utf8)) == first)
            #expect(inspector.recipients.map(\.fate.rawValue).sorted() == fates)
        }
    }

    /// Only of optimised code: a debug build boxes what the optimiser keeps on the stack.
    @Test(.enabled(if: allocation_counting_is_on() && !Self.isDebug)) func anAllowedFormAllocatesNothing() {
        var inspector = Fixture.inspector()
        let bodies: [(String, [UInt8])] = [
            ("members", Array((1...40).map { "Destination.ToAddresses.member.\($0)=u\($0)%40example.com" }.joined(separator: "&").utf8)),
            ("lists", Array("to=ann@example.com,Bob+%3Cbob@example.com%3E&cc=c@example.com&text=x&v:a=b".utf8)),
            ("pieces", Array("dst=%2B14155550111%3C14155550112&ring=1%3C2&text=x".utf8)),
            ("brackets", Array("to%5B%5D=ann@example.com&cc%5B0%5D%5Bemail%5D=bob@example.com&cc%5B0%5D%5Bname%5D=B".utf8)),
        ]
        for (id, body) in bodies {
            let endpoint = FormFixture.endpoint(id), query: [UInt8] = [], suppressed = Fixture.suppressed, type = Self.type
            var allowed = 0
            func round() {
                let verdict = inspector.inspect(
                    endpoint, contentType: type.span, query: query.span, body: body.span, isSigned: false, suppressions: suppressed)
                if verdict == .allow { allowed += 1 }
            }
            for _ in 0..<20 { round() }
            let before = allocation_count()
            for _ in 0..<1000 { round() }
            #expect(allocation_count() - before == 0, "\(id)")
            #expect(allowed == 1020)
        }
    }

    /// Numbered fields, each of them to be told from all others.
    @Test(arguments: ["members", "brackets", "bulk"]) func timeIsLinear(id: String) {
        let names = ["members": "Destination.ToAddresses.member.", "brackets": "cc[", "bulk": "D.member.1.To.member."]
        // Of this thread: others are busy on the same cores.
        func seconds(_ count: Int) -> Double {
            let tail = id == "brackets" ? "][email]" : ""
            let body = Array((0..<count).map { "\(names[id] ?? "")\($0)\(tail)=u\($0)%40example.com" }.joined(separator: "&").utf8)
            var inspector = Fixture.inspector()
            return (0..<5).map { _ in
                var before = timespec(), after = timespec()
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before)
                let verdict = inspect(&inspector, id, body)
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after)
                #expect(verdict == .allow)
                return Double(after.tv_sec - before.tv_sec) + Double(after.tv_nsec - before.tv_nsec) * 1e-9
            }.min() ?? 0
        }
        // Eight times the fields. A quadratic reader takes 64 times as long.
        let costs = [120, 240, 480, 960].map { seconds($0) }
        #expect(costs[3] < costs[0] * 24, "\(costs)")
    }
}
