@testable import HTTPKit
import TestSupport
import Testing

/// The table against a dictionary.
@Suite struct H2StreamTableTests {
    @Test(arguments: 1...20) func likeADictionary(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let pool = UnsafeMutablePointer<H2Stream>.allocate(capacity: 400)
        pool.initialize(repeating: H2Stream(), count: 400)
        defer { pool.deallocate() }
        var free = (0..<400).map { pool + $0 }
        var table = H2StreamTable()
        var model: [Int32: UnsafeMutablePointer<H2Stream>] = [:]
        var next: Int32 = 1
        for _ in 0..<5000 {
            if Bool.random(using: &generator), let stream = free.popLast() {
                stream.pointee.id = next
                next += 2 * Int32.random(in: 1...(seed % 3 == 0 ? 40 : 1), using: &generator)
                table.insert(stream)
                model[stream.pointee.id] = stream
            } else if let (id, stream) = model.randomElement(using: &generator) {
                table.remove(stream)
                model[id] = nil
                free.append(stream)
            }
            let id = Int32.random(in: 0..<next + 2, using: &generator)
            #expect(table[id] == model[id] && table.count == model.count)
        }
        for (id, stream) in model { #expect(table[id] == stream) }
        #expect(table.capacity >= 2 * table.count)
        // Going through all of them while some are taken out, as GOAWAY does.
        let last = next / 2
        var slot = 0
        while slot < table.capacity {
            if let stream = table.stream(inSlot: slot), stream.pointee.id > last { table.remove(stream) } else { slot += 1 }
        }
        #expect(table.count == model.keys.count { $0 <= last })
        for (id, stream) in model { #expect(table[id] == (id > last ? nil : stream)) }
    }
}
