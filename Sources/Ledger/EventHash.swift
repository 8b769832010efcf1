import GRDB
import TLSKit

/// The hash chain over events: `SHA-256(previous hash ‖ position ‖ recorded_at ‖ fields)`.
///
/// Position and moment are 8 bytes, big-endian. A field is the length of its column's name (1 byte), the name, a type
/// (`i` integer, `r` real, `t` text), and the value: 8 bytes big-endian (reals as IEEE 754 bits), or for text its length in
/// 4 bytes big-endian and its UTF-8. NULL fields are left out, so a column added later changes no old hash.
/// The chain shows an edit or a gap; that the newest events are all there, an anchor outside the file must show.
enum EventHash {
    static let beginning = [UInt8](repeating: 0, count: 32)

    /// - Parameter values: in the order of ``EventColumns/names``.
    /// - Complexity: linear in the fields' bytes.
    static func next(after previous: [UInt8], position: LedgerPosition, recordedAt: Timestamp, values: [DatabaseValue]) -> [UInt8] {
        var bytes = previous
        bytes.reserveCapacity(512)
        append(position, to: &bytes)
        append(UInt64(bitPattern: recordedAt.milliseconds), to: &bytes)
        for (name, value) in zip(columnPrefixes, values) {
            switch value.storage {
            case .null, .blob: continue
            case .int64(let number):
                bytes += name
                bytes.append(UInt8(ascii: "i"))
                append(UInt64(bitPattern: number), to: &bytes)
            case .double(let number):
                bytes += name
                bytes.append(UInt8(ascii: "r"))
                append(number.bitPattern, to: &bytes)
            case .string(let text):
                bytes += name
                bytes.append(UInt8(ascii: "t"))
                let length = UInt32(truncatingIfNeeded: text.utf8.count)
                for shift in stride(from: UInt32(24), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
                bytes += text.utf8
            }
        }
        return MessageAuthentication.sha256(bytes)
    }

    private static let columnPrefixes = EventColumns.names.map { [UInt8($0.utf8.count)] + Array($0.utf8) }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
