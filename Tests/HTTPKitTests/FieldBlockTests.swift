import Bytes
import HTTPKit
import Testing

@Suite struct FieldBlockTests {
    private func append(_ name: String, _ value: String, to block: inout FieldBlock, lowercase: Bool = true) -> Bool {
        wire(name).withUnsafeBufferPointer { name in
            wire(value).withUnsafeBufferPointer { block.append(name: name, value: $0, lowercaseName: lowercase) }
        }
    }

    @Test func fieldsAreFoundByTokenAndName() {
        var block = FieldBlock()
        #expect(append("Cookie", "a=1", to: &block) && append("X-Own", "", to: &block) && append("cookie", "b=2", to: &block, lowercase: false))
        #expect(block.count == 3)
        #expect(block.firstIndex(of: .cookie) == 0 && block.firstIndex(of: .cookie, from: 1) == 2 && block.firstIndex(of: .cookie, from: 3) == nil)
        #expect(block.firstIndex(of: .host) == nil && block.value(of: .host) == nil)
        #expect(block.firstIndex(named: "x-own") == 1 && block.firstIndex(named: "x-ow") == nil && block.firstIndex(named: "cookie", from: 1) == 2)
        #expect(block.value(of: .cookie).map(text) == "a=1")
        #expect(text(block.name(1)) == "x-own" && block.value(1).isEmpty)
        #expect(block.tokens.contains(.cookie) && block.repeatedTokens.contains(.cookie) && !block.repeatedTokens.contains(.other))
        block.reset()
        #expect(block.count == 0 && block.firstIndex(of: .cookie) == nil && !block.repeatedTokens.contains(.cookie))
    }

    @Test func growthKeepsEverything() {
        var block = FieldBlock()
        for i in 0..<200 { #expect(append("n\(i)", String(repeating: "v", count: i * 2), to: &block)) }
        #expect(!append("x", "y", to: &block))
        #expect(block.count == 200)
        for i in 0..<200 { #expect(text(block.name(i)) == "n\(i)" && block.value(i).count == i * 2) }
    }

    @Test(arguments: [-1, 0, 1]) func byteLimit(beyond: Int) {
        var block = FieldBlock(fieldLimit: 10, byteLimit: 5000)
        #expect(append("ab", String(repeating: "v", count: 4000), to: &block))
        #expect(append("cd", String(repeating: "v", count: 988 + beyond), to: &block) == (beyond <= 0))
        #expect(block.count == (beyond <= 0 ? 2 : 1))
        #expect(text(block.name(0)) == "ab")
    }

    @Test func startLineTextsShareTheBlock() {
        var block = FieldBlock(fieldLimit: 1, byteLimit: 64)
        let range = wire("/path").withUnsafeBufferPointer { block.store($0) }
        #expect(append("a", "b", to: &block) && !append("c", "d", to: &block))
        #expect(range.map { text(block.bytes($0)) } == "/path")
        #expect(wire(String(repeating: "x", count: 54)).withUnsafeBufferPointer { block.store($0) } == nil)
        #expect(wire(String(repeating: "x", count: 53)).withUnsafeBufferPointer { block.store($0) }?.count == 53)
    }
}
