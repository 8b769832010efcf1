import Glibc

extension FieldBlock {
    /// Reads one HTTP/1.1 field line, given without its CRLF, and enters it: name checked and lower-cased while it is copied,
    /// value trimmed and checked.
    @inline(__always)
    mutating func appendLine(
        _ line: UnsafePointer<UInt8>, count lineCount: Int, allowsUnderscore: Bool
    ) -> HTTPFault? {
        guard let room = room(lineCount &+ Self.punctuation) else { return count >= fieldLimit ? .tooManyFields : .fieldsTooLarge }
        let table = FieldOctets.lowercasedToken
        var n = FieldOctets.copyPlainName(line, lineCount, to: room)
        var underscore = false
        while n < lineCount {
            let lower = table[Int(line[n])]
            if lower == 0 { break }
            if lower == UInt8(ascii: "_") { underscore = true }
            room[n] = lower
            n &+= 1
        }
        guard n < lineCount, n > 0, line[n] == UInt8(ascii: ":"), allowsUnderscore || !underscore else {
            return Self.nameFault(line, lineCount, stop: n)
        }
        var start = n &+ 1
        var end = lineCount
        while start < end, line[start].isBlank { start &+= 1 }
        while end > start, line[end &- 1].isBlank { end &-= 1 }
        if FieldOctets.copyFindingControl(line + start, end &- start, to: room + n + 2),
            let fault = FieldOctets.slowValueFault(line + start, end &- start)
        {
            return fault
        }
        commit(room, nameCount: n, valueCount: end &- start)
        return nil
    }

    /// Says what is wrong with the name of a field line whose token ends at `stop`.
    @inline(never)
    private static func nameFault(_ line: UnsafePointer<UInt8>, _ count: Int, stop: Int) -> HTTPFault {
        if count > 0, line[0].isBlank { return .foldedField }
        guard stop < count else { return .missingColon }
        switch line[stop] {
        case UInt8(ascii: ":"): return stop == 0 ? .fieldName : .fieldNameUnderscore
        case 0x0d: return .bareCarriageReturn
        case 0x20, 0x09:
            var i = stop
            while i < count, line[i].isBlank { i += 1 }
            return i < count && line[i] == UInt8(ascii: ":") ? .spaceBeforeColon : .fieldName
        case let byte where byte < 0x20 || byte == 0x7f: return .controlOctet
        default: return .fieldName
        }
    }
}
