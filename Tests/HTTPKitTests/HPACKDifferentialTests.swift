import Bytes
import HTTPKit
import TestSupport
import Testing

/// Our encoder and decoder against nghttp2's, on connections of random field lists that resemble each other as real ones do.
@Suite struct HPACKDifferentialTests {
    typealias Line = (name: [UInt8], value: [UInt8], isNeverIndexed: Bool)

    static let names = HeaderToken.allCases.map(\.name.description).filter { !$0.isEmpty } + [
        ":authority", ":path", ":method", ":scheme", ":status", "accept", "accept-language", "cache-control", "etag", "set-cookie", "x-request-id",
        "traceparent", "x-a", "x-b", "a", "vary", "x-forwarded-port", "stopgate-verdict", "priority", "Upper", "x_y", "",
    ]

    /// What one connection says again and again, and what it says once.
    struct Speaker {
        var generator: SeededGenerator
        private var values: [[UInt8]] = []

        init(seed: UInt64) {
            generator = SeededGenerator(seed: seed)
            for _ in 0..<12 { values.append(text(Int.random(in: 0...40, using: &generator))) }
        }

        mutating func list() -> [Line] {
            (0..<Int.random(in: 0...16, using: &generator)).map { _ in
                let name = names.randomElement(using: &generator) ?? ""
                return (wire(name), value(), Int.random(in: 0..<8, using: &generator) == 0)
            }
        }

        private mutating func value() -> [UInt8] {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: (0..<Int.random(in: 0...60, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            case 1: text(Int.random(in: 100...300, using: &generator))
            case 2: [UInt8](repeating: 0x61, count: Int.random(in: 1000...4200, using: &generator))
            case 3...5: text(Int.random(in: 0...30, using: &generator))
            default: values.randomElement(using: &generator) ?? []
            }
        }

        private mutating func text(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: 0x20...0x7e, using: &generator) }
        }
    }

    private static func said(_ list: [Line]) -> [HPACKLine] {
        func latin(_ bytes: [UInt8]) -> String { bytes.withUnsafeBufferPointer { text($0) } }
        return list.map { HPACKLine(name: latin($0.name), value: latin($0.value)) }
    }

    private static func encode(_ list: [Line], _ encoder: inout HPACKEncoder) -> [UInt8] {
        var fields = FieldBlock(), out = GrowableBytes()
        for line in list {
            let taken = line.name.withUnsafeBufferPointer { name in
                line.value.withUnsafeBufferPointer { fields.append(name: name, value: $0, lowercaseName: false) }
            }
            precondition(taken)
        }
        encoder.request(fields, into: &out)
        return Array(out.bytes)
    }

    /// The list as `encode` sends it, in front of it what `HPACKEncoder.request(_:length:into:)` puts there.
    private static func sent(_ list: [Line]) -> [HPACKLine] {
        [
            HPACKLine(name: ":method", value: "POST"), HPACKLine(name: ":scheme", value: "https"), HPACKLine(name: ":authority", value: "a.example"),
            HPACKLine(name: ":path", value: "/m"),
        ] + said(list) + [HPACKLine(name: "content-length", value: "17")]
    }

    @Test(arguments: 0..<8) func whatWeEncodeBothDecode(series: Int) throws {
        for round in 0..<10 {
            let seed = UInt64(series * 1000 + round)
            var speaker = Speaker(seed: seed)
            let peer = HPACKPeer()
            var encoder = HPACKEncoder(), decoder = HPACKDecoder()
            for block in 0..<30 {
                for _ in 0..<2 where Int.random(in: 0..<6, using: &speaker.generator) == 0 {
                    let size = [0, 31, 64, 200, 1000, 4095, 4096, 65536].randomElement(using: &speaker.generator) ?? 0
                    encoder.peerTableSize(size)
                    peer.changeInflater(size)
                }
                let list = speaker.list()
                let wire = Self.encode(list, &encoder)
                #expect(peer.inflate(wire) == Self.sent(list), "seed \(seed), block \(block)")
                let own = try decoder.lines(wire)
                #expect(own == Self.sent(list), "seed \(seed), block \(block)")
            }
        }
    }

    @Test(arguments: 0..<8) func whatNghttp2EncodesWeDecode(series: Int) throws {
        for round in 0..<10 {
            let seed = UInt64(100_000 + series * 1000 + round)
            var speaker = Speaker(seed: seed)
            let peer = HPACKPeer()
            var decoder = HPACKDecoder()
            for block in 0..<30 {
                for _ in 0..<2 where Int.random(in: 0..<6, using: &speaker.generator) == 0 {
                    peer.changeDeflater([0, 31, 64, 200, 1000, 4095, 4096].randomElement(using: &speaker.generator) ?? 0)
                }
                let list = speaker.list()
                let own = try decoder.lines(peer.deflate(list))
                #expect(own == Self.said(list), "seed \(seed), block \(block)")
            }
        }
    }

    /// Connections with a damaged block among their blocks: both refuse it, or both read the same, in it and behind it.
    @Test(arguments: 0..<8) func damagedBlocksAreJudgedAlike(series: Int) throws {
        var refused = 0, taken = 0
        for round in 0..<120 {
            let seed = UInt64(200_000 + series * 1000 + round)
            var speaker = Speaker(seed: seed)
            let peer = HPACKPeer(), coder = HPACKPeer()
            var encoder = HPACKEncoder(), decoder = HPACKDecoder()
            let isOurs = round % 2 == 0
            for block in 0..<8 {
                let size = [0, 100, 4096].randomElement(using: &speaker.generator) ?? 0
                if Int.random(in: 0..<6, using: &speaker.generator) == 0 { isOurs ? encoder.peerTableSize(size) : coder.changeDeflater(size) }
                let list = Array(speaker.list().prefix(6))
                var wire = isOurs ? Self.encode(list, &encoder) : coder.deflate(list)
                let isDamaged = Int.random(in: 0..<3, using: &speaker.generator) == 0
                if isDamaged { Self.damage(&wire, &speaker.generator) }
                let theirs = peer.inflate(wire)
                var ours: [HPACKLine]?
                do throws(HPACKError) { ours = try decoder.lines(wire) } catch { ours = nil }
                #expect(ours == theirs, "seed \(seed), block \(block): \(wire)")
                if theirs == nil { refused += 1 } else if isDamaged { taken += 1 }
                if theirs == nil || ours == nil { break }
            }
        }
        #expect(refused > 40 && taken > 10, "refused \(refused), taken \(taken)")
    }

    private static func damage(_ block: inout [UInt8], _ generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let at = Int.random(in: 0...block.count, using: &generator)
            let scrap: [UInt8] = [
                [0x80], [0xff], [0xff, 0x80, 0x80, 0x80, 0x80, 0x00], [0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0xbe],
                [0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], [0x20], [0x3f, 0xe1, 0x1f], [0x3f, 0xe2, 0x1f], [0x3f, 0x45], [0x40, 0x01, 0x61, 0x81, 0xff],
                [0x00, 0x84, 0xff, 0xff, 0xff, 0xff], [0x10, 0x82, 0x1f, 0xff, 0x00], [0x7f], [0x0f], [0x1f, 0x08], [0x41, 0x7f, 0xff, 0xff, 0x03],
                [0x41, 0x7f, 0x82, 0xff, 0x03], [0x41, 0x81, 0x1f, 0x41, 0x82, 0x1f, 0xff], [0x42, 0x80], [0x42, 0x81, 0xfe],
            ].randomElement(using: &generator) ?? []
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: block.insert(contentsOf: scrap, at: at)
            case 1: block.removeSubrange(at..<min(block.count, at + Int.random(in: 0...4, using: &generator)))
            case 2: block.removeSubrange(at...)
            case 3: if at < block.count { block[at] = UInt8.random(in: 0...255, using: &generator) }
            default: if at < block.count { block[at] ^= 1 << UInt8.random(in: 0...7, using: &generator) }
            }
        }
    }
}
