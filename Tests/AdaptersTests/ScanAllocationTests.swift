import Adapters
import AllocationCounter
import Bytes
import Testing

/// Warm tapes allocate nothing, whatever the answer. Swift Testing watches typed throws through a hook that boxes each error:
/// inside a test, and only there, a refusal costs that one allocation.
@Suite(.enabled(if: allocation_counting_is_on())) struct ScanAllocationTests {
    /// Allocations of 100 calls after two that warm up.
    func allocations(_ work: () -> Void) -> UInt64 {
        work()
        work()
        let before = allocation_count()
        for _ in 0..<100 { work() }
        return allocation_count() - before
    }

    @Test(arguments: [
        ScanThroughputTests.mail(1 << 10), ScanThroughputTests.mail(64 << 10), #"{"to":"a\u0041\ud83d\ude00","list":[1,2.5,true,null]}"#,
        #"{"a":1,"b":{"A":1},"c":["\ud800"]}"#, #"{"a":1,"A":2}"#, "[[[", "{" + (0..<100).map { "\"k\($0)\":1" }.joined(separator: ",") + "}",
    ])
    func json(_ text: String) {
        let body = Array(text.utf8)
        var tape = JSONTape()
        var out = GrowableBytes(capacity: 1 << 16)
        var ranges: [ByteRange] = []
        ranges.reserveCapacity(1000)
        let cuts = [1]
        let wanted = Array("personalizations".utf8)
        let count = allocations {
            do throws(BodyFault) { try tape.scan(body.span) } catch { return }
            guard tape.count > 2 else { return }
            for node in tape.indices where tape[node].kind == .string {
                tape.appendString(node, in: body.span, to: &out)
                tape.appendKey(node, in: body.span, to: &out)
            }
            _ = tape.look(up: wanted.span, of: 0, in: body.span)
            tape.appendCuts(cuts, in: body.span, to: &ranges)
            ranges.removeAll(keepingCapacity: true)
            out.truncate(to: 0)
        }
        #expect(count == (jsonFault(body) == nil ? 0 : 100))
    }

    @Test(arguments: ["To=%2B15551234567&Body=Hi+there&t%6F=1", "To=1&To[]=2&x=%zz", "a;b", ""])
    func form(_ text: String) {
        let body = Array(text.utf8)
        let wanted = Array("To".utf8)
        var tape = FormTape()
        var out = GrowableBytes(capacity: 1 << 12)
        let count = allocations {
            do throws(BodyFault) { try tape.scan(body.span) } catch { return }
            for i in 0..<tape.count where tape.match(i, wanted.span, in: body.span) != .other {
                tape.appendValue(i, in: body.span, to: &out)
            }
            out.truncate(to: 0)
        }
        #expect(count == (ScanFormTests().fault(body) == nil ? 0 : 100))
    }

    @Test(arguments: ["application/json; charset=utf-8", "multipart/form-data; boundary=abc", "text/plain; charset=utf-7"])
    func contentType(_ text: String) {
        let value = Array(text.utf8)
        var sum = 0
        let count = allocations {
            do throws(BodyFault) { sum += try ContentType.parse(value.span).boundary?.count ?? 1 } catch { sum += error.status }
        }
        #expect(count == (text.hasSuffix("utf-7") ? 100 : 0))
        #expect(sum > 0)
    }

    @Test func faultSentence() {
        var out = GrowableBytes(capacity: 1 << 12)
        let fault = BodyFault(.duplicateKey, at: 17, earlier: 3)
        let count = allocations {
            fault.write(into: &out)
            out.truncate(to: 0)
        }
        #expect(count == 0)
    }
}
