import HTTPKit
import Testing

private typealias F = H2Frame

/// Frames that cost the provider nothing: what they make us hold is bounded.
@Suite struct H2UpstreamFloodTests {
    @Test(arguments: [F(F.ping, wire("whoisit?")), H2Frame.setting((3, 100))]) func unreadAcknowledgements(_ frame: H2Frame) {
        let bench = UpstreamBench()
        for _ in 0..<100 { bench.feed(frame) }
        #expect(bench.isAlive)
        // Written ones do not count.
        #expect(bench.flush().count == 100)
        for _ in 0..<100 { bench.feed(frame) }
        #expect(bench.isAlive)
        bench.feed(frame)
        #expect(!bench.isAlive)
        let frames = bench.flush()
        #expect(frames.count == 101 && frames.last?.code == H2ErrorCode.enhanceYourCalm.rawValue)
    }

    @Test func continuations() {
        let bench = UpstreamBench { $0.continuations = 3 }
        let call = bench.sent()
        bench.feed(F.head(1, [(":status", "200")], complete: false))
        for _ in 0..<2 { bench.feed(F(F.continuation, stream: 1)) }
        bench.feed(F(F.continuation, flags: F.endHeaders, stream: 1))
        #expect(call.trace == "h")
        bench.feed(F.head(1, [("x", "y")], ends: true, complete: false))
        for _ in 0..<3 { bench.feed(F(F.continuation, stream: 1)) }
        #expect(bench.isAlive)
        bench.feed(F(F.continuation, stream: 1))
        #expect(!bench.isAlive && bench.floods == [.continuations])
    }

    @Test func fieldSectionThatIsTooLong() {
        let bench = UpstreamBench { $0.headerListSize = 10_000 }
        let call = bench.sent()
        let part = [UInt8](repeating: 0x88, count: 7000)
        bench.feed(F(F.headers, stream: 1, part), F(F.continuation, stream: 1, part))
        #expect(bench.isAlive)
        bench.feed(F(F.continuation, stream: 1, part))
        #expect(!bench.isAlive && bench.floods == [.headerList] && call.trace.isEmpty)
    }

    @Test func fieldsThatAreTooLarge() {
        let bench = UpstreamBench { $0.headerListSize = 1000 }
        let first = bench.sent(), second = bench.sent()
        // One literal that goes into the table, then its index again and again: a fault first, a flood past twice the limit.
        let entry = F.literals([("x", String(repeating: "y", count: 200))])
        bench.feed(F(F.headers, flags: F.endHeaders | F.endStream, stream: 1, [0x88, 0x40] + entry.dropFirst() + [UInt8](repeating: 0xbe, count: 4)))
        #expect(bench.isAlive && first.trace == "hec" && first.stream.pointee.fault == .fieldsTooLarge)
        bench.feed(F(F.headers, flags: F.endHeaders | F.endStream, stream: 3, [0x88] + [UInt8](repeating: 0xbe, count: 20)))
        #expect(!bench.isAlive && bench.floods == [.headerList] && second.trace.isEmpty)
    }

    @Test func brokenMessages() {
        let bench = UpstreamBench { $0.glitchBurst = 5; $0.glitchesPerSecond = 0 }
        for index in 0..<6 {
            #expect(bench.isAlive)
            _ = bench.sent()
            bench.feed(F.body(UInt32(1 + 2 * index), "x"))
        }
        #expect(!bench.isAlive && bench.floods == [.glitches])
    }

    @Test func framesThatSayNothing() {
        let bench = UpstreamBench()
        let call = bench.sent()
        bench.feed(F.head(1, [(":status", "200")]))
        for _ in 0..<10_000 { bench.feed(F.body(1, ""), F(F.priority, stream: 1, [0, 0, 0, 0, 0]), F(77), .window(1, 1)) }
        #expect(bench.isAlive && call.trace == "h" && !bench.session.wantsWrite)
    }
}
