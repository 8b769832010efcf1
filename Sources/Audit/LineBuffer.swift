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

    mutating func put(_ value: UInt64) {
        // Two digits a step, from the end of a scratch area that every number fits.
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var rest = value
        var start = 20
        while rest >= 10 {
            let pair = rest % 100
            rest /= 100
            start -= 2
            digits[start] = 0x30 + UInt8(truncatingIfNeeded: pair / 10)
            digits[start + 1] = 0x30 + UInt8(truncatingIfNeeded: pair % 10)
        }
        if rest > 0 || start == 20 {
            start -= 1
            digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest)
        }
        withUnsafeBytes(of: digits) { put(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    mutating func put(hex bytes: UnsafeRawBufferPointer) {
        var target = room(bytes.count * 2)
        for byte in bytes {
            target[0] = Hex.digit(byte >> 4)
            target[1] = Hex.digit(byte & 15)
            target += 2
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
}
