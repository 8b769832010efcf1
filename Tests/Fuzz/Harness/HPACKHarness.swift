import Bytes
import HTTPKit

/// A provider's field blocks on one connection: each behind its length in one byte, 255 standing for all that is left.
///
/// - What was decoded and encoded anew by our encoder decodes to the same, and again so when the table is full of it.
/// - An entry's verdict on itself is that of the rules for fields.
enum HPACKHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        var decoder = HPACKDecoder(), other = HPACKDecoder()
        var encoder = HPACKEncoder()
        // What comes back has four pseudo-fields more.
        var fields = FieldBlock(fieldLimit: 200, byteLimit: 98304), again = FieldBlock(fieldLimit: 204, byteLimit: 98304 + 256)
        var written = GrowableBytes()
        var rest = input
        while let length = rest.first {
            rest = rest.rest(after: 1)
            let count = length == 255 ? rest.count : min(Int(length), rest.count)
            fields.reset()
            let isTaken = rest.withExactPrefix(count) { decode($0, &decoder, into: &fields) }
            guard isTaken else { return }
            rest = rest.rest(after: count)
            for _ in 0..<2 {
                written.reset()
                encoder.request(
                    method: rest.none, authority: rest.none, path: rest.none, fields: fields, except: HeaderTokenSet(), length: nil, into: &written)
                again.reset()
                try require(decode(written.bytes, &other, into: &again), "refused what was encoded anew")
                try require(again.count == fields.count + 4, "\(again.count) fields for \(fields.count)")
                for index in 0..<fields.count {
                    let same = again.name(index + 4).elementsEqual(fields.name(index)) && again.value(index + 4).elementsEqual(fields.value(index))
                    try require(same, "field \(index) decodes to another")
                }
            }
        }
    }

    /// - Returns: whether `block` could be decoded, and its fields taken.
    private static func decode(
        _ block: UnsafeBufferPointer<UInt8>, _ decoder: inout HPACKDecoder, into fields: inout FieldBlock
    ) -> Bool {
        var areTaken = true
        do throws(HPACKError) {
            try decoder.decode(block) { field in
                areTaken = fields.append(name: field.name, value: field.value, lowercaseName: false) && areTaken
            }
        } catch { return false }
        return areTaken
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// No bytes.
    fileprivate var none: Self { Self(rebasing: self[..<0]) }
}
