import Glibc

/// The bytes of one commit while the writer spells them. Keeps its memory; grows only for a commit larger than any before.
@safe struct LineBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Empties the buffer. What one huge commit took is given back.
    mutating func reset(keeping keep: Int) {
        count = 0
        guard capacity > keep else { return }
        base.deallocate()
        capacity = keep
        base = .allocate(capacity: keep)
    }

    /// Room for `size` more bytes, writable from the returned place on.
    @inline(__always)
    private mutating func room(_ size: Int) -> UnsafeMutablePointer<UInt8> {
        if size > capacity - count { grow(size) }
        return base + count
    }

    @inline(never)
    private mutating func grow(_ size: Int) {
        var next = capacity
        while next - count < size { next *= 2 }
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: next)
        memcpy(block, base, count)
        base.deallocate()
        base = block
        capacity = next
    }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        memcpy(room(length), text.utf8Start, length)
        count += length
    }

    /// Eight bytes in the order of memory.
    mutating func put(word: UInt64) {
        UnsafeMutableRawPointer(room(8)).storeBytes(of: word, as: UInt64.self)
        count += 8
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        memcpy(room(bytes.count), source, bytes.count)
        count += bytes.count
    }

    /// Decimal digits without leading zeros.
    mutating func put(_ value: UInt64) {
        let target = room(20)
        if value < 10 {
            target[0] = 0x30 + UInt8(truncatingIfNeeded: value)
            count += 1
            return
        }
        let length = Self.digits(value)
        var rest = value
        var at = length
        while rest >= 10 {
            at &-= 2
            let pair = rest % 100
            rest /= 100
            target[at] = 0x30 &+ UInt8(truncatingIfNeeded: pair / 10)
            target[at &+ 1] = 0x30 &+ UInt8(truncatingIfNeeded: pair % 10)
        }
        // An odd number of digits leaves one.
        if at > 0 { target[0] = 0x30 &+ UInt8(truncatingIfNeeded: rest) }
        count += length
    }

    private static func digits(_ value: UInt64) -> Int {
        var count = 1
        var bound: UInt64 = 10
        while value >= bound {
            count &+= 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        return count
    }

    mutating func put(hex bytes: UnsafeRawBufferPointer) {
        let target = UnsafeMutableRawPointer(room(bytes.count * 2))
        var index = 0
        while index &+ 4 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)
            target.storeBytes(of: Hex.digits(UInt32(bigEndian: word)).bigEndian, toByteOffset: 2 &* index, as: UInt64.self)
            index &+= 4
        }
        while index < bytes.count {
            target.storeBytes(of: Hex.digit(bytes[index] >> 4), toByteOffset: 2 &* index, as: UInt8.self)
            target.storeBytes(of: Hex.digit(bytes[index] & 15), toByteOffset: 2 &* index &+ 1, as: UInt8.self)
            index &+= 1
        }
        count += bytes.count * 2
    }

    mutating func put(_ instant: Int64, _ timestamp: inout Timestamp) {
        timestamp.write(instant, to: room(Timestamp.length))
        count += Timestamp.length
    }

    mutating func put(_ id: AuditID) {
        let text = id.text
        withUnsafeBytes(of: text) { put($0) }
    }

    /// Writes text from outside as the inside of a JSON string, in ASCII only: quotes, backslashes, control characters and
    /// everything above are escaped, bytes that are not UTF-8 become U+FFFD. What would be longer than `limit` is cut and
    /// ends in U+2026.
    mutating func put(escaped bytes: UnsafeRawBufferPointer, limit: Int) {
        let target = room(limit)
        let budget = limit - 6
        if bytes.count < 8, let word = Self.shortText(bytes) {
            // Behind a short text there is room for a whole word.
            UnsafeMutableRawPointer(target).storeBytes(of: word, as: UInt64.self)
            count += bytes.count
            return
        }
        var written = 0
        var index = 0
        while index < bytes.count {
            if index + 8 <= bytes.count, written + 8 <= budget {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if JSONEscape.isPlain(word) {
                    UnsafeMutableRawPointer(target + written).storeBytes(of: word, as: UInt64.self)
                    written += 8
                    index += 8
                    continue
                }
            } else if index == written, bytes.count <= budget, bytes.count >= 8 {
                // All was plain so far, so the last word may be written over the end of the one before.
                let word = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
                if JSONEscape.isPlain(word) {
                    UnsafeMutableRawPointer(target + bytes.count - 8).storeBytes(of: word, as: UInt64.self)
                    written = bytes.count
                    break
                }
            }
            let step = JSONEscape.next(bytes, index)
            if written + step.length > budget {
                JSONEscape.unicode(0x2026, target + written)
                written += 6
                break
            }
            step.write(target + written)
            written += step.length
            index += step.taken
        }
        count += written
    }

    /// At most seven bytes and blanks behind them in one word, in the order of memory; `nil` when one needs an escape.
    @inline(__always)
    private static func shortText(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        let count = bytes.count
        guard count > 0 else { return nil }
        var word: UInt64
        if count >= 4 {
            // Two halves that overlap.
            let end = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
            word = UInt64(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))) | end << UInt64(8 &* (count &- 4))
        } else {
            let middle = count >> 1, last = count &- 1
            word = UInt64(bytes[0]) | UInt64(bytes[middle]) << UInt64(8 &* middle) | UInt64(bytes[last]) << UInt64(8 &* last)
        }
        word |= 0x2020_2020_2020_2020 << UInt64(8 &* count)
        return JSONEscape.isPlain(word) ? word.littleEndian : nil
    }
}
