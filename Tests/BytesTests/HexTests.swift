import Bytes
import Testing

@Suite struct HexTests {
    @Test func everyByteThereAndBack() {
        let all = Array(UInt8.min...UInt8.max)
        var text = GrowableBytes()
        var back = GrowableBytes()
        Hex.encode(all.span, into: &text)
        #expect(text.count == 512)
        #expect(Hex.decode(Array(text.bytes).span, into: &back) == nil)
        #expect(Array(back.bytes) == all)
    }

    @Test(arguments: [("0", 1), ("0g", 1), ("g0", 0), ("00 1", 2), ("000", 3), ("zz", 0)])
    func namesTheBadByte(_ text: String, _ offset: Int) {
        var out = GrowableBytes()
        #expect(Hex.decode(Array(text.utf8).span, into: &out) == offset)
    }
}
