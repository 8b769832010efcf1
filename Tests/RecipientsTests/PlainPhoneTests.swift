@testable import Recipients
import Testing

/// A plus and digits alone are read eight digits at a time. A blank behind them, which means nothing, leads the same digits the slow way.
struct PlainPhoneTests {
    func digits(_ bytes: [UInt8]) -> DialledDigits? { PlainPhone.digits(in: bytes.span) }

    @Test func allLengths() {
        for count in 0...20 {
            let bytes = Array("+".utf8) + (0..<count).map { UInt8(ascii: "0") + UInt8(($0 * 7 + 1) % 10) }
            #expect(digits(bytes) == digits(bytes + [0x20]))
        }
    }

    @Test func everyByteAtEveryPlace() {
        for count in [8, 9, 12, 15] {
            let number = Array("+".utf8) + Array("414155550123987".utf8.prefix(count))
            for place in number.indices {
                for byte in UInt8.min...UInt8.max {
                    var bytes = number
                    bytes[place] = byte
                    #expect(digits(bytes) == digits(bytes + [0x20]))
                }
            }
        }
    }
}
