import Bytes
import Testing

struct UniqueArrayTests {
    @Test func growsAndKeepsWhatItHolds() {
        var array = UniqueArray<Int32>(capacity: 0)
        #expect(array.count == 0)
        for number in 0..<1000 { array.append(Int32(number)) }
        #expect(array.count == 1000)
        for index in array.indices { #expect(array[index] == Int32(index)) }
        array[500] += 7
        #expect(array[500] == 507)
        #expect(array[499] == 499)
    }

    @Test func isCutOffAndEmptied() {
        var array = UniqueArray<UInt8>(capacity: 16)
        for number in 0..<40 { array.append(UInt8(number)) }
        array.truncate(to: 3)
        array.append(9)
        #expect(array.count == 4)
        #expect(array[2] == 2)
        #expect(array[3] == 9)
        array.removeAll()
        #expect(array.count == 0)
    }
}
