import Bytes

/// One change to a body: bytes that go, and a number that may take their place.
struct BodyEdit {
    let range: ByteRange
    /// What is written instead; -1: nothing.
    var number = -1

    init(_ range: ByteRange, number: Int = -1) {
        self.range = range
        self.number = number
    }

    /// Appends `body` with the edits made.
    /// - Parameter edits: ascending, without overlap.
    static func append(_ body: Span<UInt8>, _ edits: [BodyEdit], to out: inout GrowableBytes) {
        var from = 0
        for edit in edits {
            out.append(body.extracting(from..<Int(edit.range.lower)))
            if edit.number >= 0 { out.append(decimal: edit.number) }
            from = Int(edit.range.upper)
        }
        out.append(body.extracting(from..<body.count))
    }
}
