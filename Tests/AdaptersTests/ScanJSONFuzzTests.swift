import Adapters
import Foundation
import Testing
import TestSupport

/// Seeded mutations of valid documents, read by us and by Foundation: whatever we accept, Foundation reads as well, and to the
/// same values; whatever Foundation refuses, we refuse.
@Suite struct ScanJSONFuzzTests {
    @Test(arguments: 0..<40) func whatWeAcceptOthersReadAlike(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed &* 977)
        var tape = JSONTape()
        var accepted = 0
        for round in 0..<100 {
            var body = Array(RandomJSON.document(&random).utf8)
            for _ in 0..<round % 4 { mutate(&body, &random) }
            let note: Comment = "seed \(seed), round \(round): \(String(decoding: body, as: UTF8.self))"
            do throws(BodyFault) {
                try tape.scan(body.span)
            } catch {
                #expect(error.offset <= body.count, note)
                continue
            }
            accepted += 1
            let reference = try #require(
                try? JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed]), note)
            #expect(JSONTree(tape, 0, body).agrees(with: reference), note)
        }
        #expect(accepted >= 25)
    }

    /// Unmutated documents are all accepted: our rules do not refuse what clients send.
    @Test func validDocumentsPass() {
        var random = SeededGenerator(seed: 42)
        for _ in 0..<500 {
            let body = RandomJSON.document(&random)
            #expect(jsonFault(body) == nil, "\(body)")
        }
    }

    /// Bytes drawn from JSON's own alphabet, and any bytes at all: an answer, never a trap.
    @Test func noiseIsAnswered() {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("{}[]\",:\\ul0123456789abcdefDd8+-.eE \n\u{e9}\u{1f600}".utf8)
        for round in 0..<20_000 {
            let count = Int.random(in: 0..<24, using: &random)
            let body = (0..<count).map { _ in
                round % 2 == 0 ? alphabet.randomElement(using: &random)! : UInt8.random(in: 0...255, using: &random)
            }
            let fault = jsonFault(body)
            #expect((fault?.offset ?? 0) <= count)
            if fault == nil {
                #expect((try? JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed])) != nil, "\(body)")
            }
        }
    }

    private func mutate(_ body: inout [UInt8], _ random: inout SeededGenerator) {
        let tokens = ["{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "\\ud800", "null", "0", "-", ".", "e", " ", "\u{0}", "\u{feff}", "//", "\u{e9}"]
        let at = Int.random(in: 0...body.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0 where !body.isEmpty: body.remove(at: min(at, body.count - 1))
        case 1 where !body.isEmpty: body[min(at, body.count - 1)] = UInt8.random(in: 0...255, using: &random)
        case 2: body.insert(contentsOf: tokens.randomElement(using: &random)!.utf8, at: at)
        case 3: body.removeSubrange(at..<min(at + 3, body.count))
        default: body.insert(contentsOf: body[min(at, body.count)..<min(at + 4, body.count)], at: at)
        }
    }
}

extension JSONTree {
    /// Whether Foundation's reading is this one. Foundation drops U+FEFF inside of strings, so those are compared without it;
    /// integers are compared as such and fractions loosely because its `doubleValue` rounds in two steps.
    func agrees(with other: Any) -> Bool {
        switch self {
        case .object(let members):
            guard let others = other as? [String: Any], others.count == members.count else { return false }
            return members.allSatisfy { key, value in others[key].map(value.agrees) ?? false }
        case .array(let items):
            guard let others = other as? [Any], others.count == items.count else { return false }
            return zip(items, others).allSatisfy { $0.agrees(with: $1) }
        case .string(let text):
            return (other as? String).map { Self.withoutMark($0).elementsEqual(Self.withoutMark(text)) } ?? false
        case .number(let text):
            guard let number = other as? NSNumber else { return false }
            if let integer = Int64(text) { return number.int64Value == integer }
            if let integer = UInt64(text) { return number.uint64Value == integer }
            let double = Double(text) ?? .nan
            return abs(number.doubleValue - double) <= abs(double) * 1e-14
        case .bool(let flag): return (other as? NSNumber)?.boolValue == flag
        case .null: return other is NSNull
        }
    }

    private static func withoutMark(_ text: String) -> [Unicode.Scalar] { text.unicodeScalars.filter { $0 != "\u{feff}" } }
}
