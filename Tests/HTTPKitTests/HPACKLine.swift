import Bytes
import HTTPKit

/// A field line as a value that can be compared; Latin-1, so that no byte is lost.
struct HPACKLine: Equatable, CustomStringConvertible {
    var name: String
    var value: String
    var description: String { "\(name): \(value)" }
}

extension HPACKDecoder {
    /// Decodes `block`, given in memory of just its size, and checks what every field must keep: its token is the name's.
    mutating func lines(_ block: [UInt8]) throws(HPACKError) -> [HPACKLine] {
        let exact = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: block.count)
        defer { exact.deallocate() }
        for i in block.indices { exact[i] = block[i] }
        var lines: [HPACKLine] = []
        try decode(UnsafeBufferPointer(exact)) { field in
            precondition(field.token == HeaderToken(lowercased: field.name), "\(field.token) for \(text(field.name))")
            lines.append(HPACKLine(name: text(field.name), value: text(field.value)))
        }
        return lines
    }
}

extension HPACKEncoder {
    /// Encodes `POST https://a.example/m` with these fields.
    mutating func request(_ fields: borrowing FieldBlock, length: Int? = 17, into output: inout GrowableBytes) {
        Self.withText("POST") { method in
            Self.withText("a.example") { authority in
                Self.withText("/m") { path in
                    request(method: method, authority: authority, path: path, fields: fields, except: HeaderTokenSet(), length: length, into: &output)
                }
            }
        }
    }

    private static func withText(_ text: StaticString, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        body(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

/// The bytes that pairs of hexadecimal digits stand for.
func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = text.map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
