import Bytes
import Testing
import TestSupport

@testable import Recipients

/// Bytes that nobody meant for a recipient: an answer for all of them, and never a trap.
@Suite struct HostileBytesTests {
    @Test(arguments: IdentifierKind.allCases)
    func anyBytesHaveAnAnswer(kind: IdentifierKind) {
        var normaliser = Normaliser(rules: rules(["US", "GB", "AR", "JP"]), secret: testSecret)
        var output = GrowableBytes()
        var random = SeededGenerator(seed: 31 + UInt64(kind.rawValue))
        for round in 0..<40_000 {
            let bytes = Self.bytes(&random)
            let judged = Judgement(bytes, kind, &normaliser)
            output.truncate(to: 0)
            IdentifierMask.append(bytes.span, kind: kind, to: &output)
            let isMasked = output.count <= 260 && output.bytes.allSatisfy { (0x21...0x7e).contains($0) }
            let isSound = (judged.problem == nil) == !judged.keys.isEmpty && judged.keys.count <= CandidateKeys.capacity
            let isPlain = judged.spelling != .agreed || kind != .phone || bytes.allSatisfy { $0 < 0x80 && !$0.isASCIIControl }
            guard isMasked, isSound, isPlain, judged == Judgement(bytes, kind, &normaliser) else {
                Issue.record("round \(round): \(bytes) is \(judged)")
                return
            }
        }
    }

    private static let seeds = [
        "+14155552671", "(415) 555-2671", "tel:+1-415-555-2671;ext=5", "00 44 20 7946 0958", "1-800-FLOWERS", "＋１４１５",
        "jo.doe@example.com", "\"Doe, Jo\" <jo.doe@example.com>", "jo(c)@bücher.example", "\"a\\\"b\"@xn--bcher-kva.example",
        "Group: a@b.com, c@d.com;", "<@a,@b:c@d.com>", "İ@faß.de", "a@[1.2.3.4]", "\r\n \t", "", "+", "@", "\"", "(((((", "<",
    ]

    private static let fragments: [[UInt8]] = [
        [0], [0xff], [0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x80, 0xae], [0xef, 0xbb, 0xbf],
        [0x0d, 0x0a], [0x0d, 0x0a, 0x20], [0x5c], [0x22], [0x28], [0x29], [0x3c], [0x3e], [0x40], [0x2c], [0x3a], [0x3b], [0x2b],
        [0x25], [0x2e, 0x2e], [0x78, 0x6e, 0x2d, 0x2d], [0xe2, 0x91, 0xa0], [0xf0, 0x9d, 0x9f, 0x8f], [0xef, 0xb7, 0xba], [0xcd, 0x85],
    ]

    private static func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        if random.below(8) == 0 { return (0..<random.below(40)).map { _ in UInt8(random.below(256)) } }
        var bytes = Array(random.pick(seeds).utf8)
        for _ in 0...random.below(6) {
            let place = random.below(bytes.count + 1)
            switch random.below(5) {
            case 0: bytes.insert(contentsOf: random.pick(fragments), at: place)
            case 1: bytes.insert(UInt8(random.below(256)), at: place)
            case 2: if place < bytes.count { bytes.remove(at: place) }
            case 3: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: bytes.prefix(random.below(60)), at: place)
            }
        }
        return bytes
    }

    /// Very long and very nested bytes take time in proportion: this test ends at once or never.
    @Test func longInputIsRefusedEarly() {
        let million = [UInt8](repeating: UInt8(ascii: "("), count: 1_000_000)
        for kind in IdentifierKind.allCases {
            #expect(Judgement(million, kind, rules()).problem == .tooLong)
        }
        let comments = Array(String(repeating: "(", count: 900).utf8) + Array(String(repeating: ")", count: 900).utf8)
        #expect(Judgement(comments + Array("a@b.com".utf8), .email, rules()).spelling == .unusual)
        // One character that NFKC makes eighteen of.
        #expect(judge(String(repeating: "\u{fdfa}", count: 64), .phone).problem == .notANumber)
        #expect(judge(String(repeating: "\u{fdfa}", count: 200) + "@example.com", .email).problem == .tooLong)
    }
}
