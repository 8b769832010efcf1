/// The part that every record's line begins with.
struct RecordPrefix {
    enum Kind { case decision, recipients, outcome, event, segment, open, close, clock }

    var sequence: UInt64
    var kind: Kind
    /// Microseconds since 1970.
    var time: Int64
    /// Nanoseconds of the monotonic clock.
    var monotonic: UInt64
    /// Start of a process, in lines that begin a process or a segment.
    var boot: UInt64?
    /// Number of the segment, in its first line.
    var segment: UInt64?

    /// The number alone, for naming a line that is otherwise unreadable.
    static func sequence(_ line: UnsafeRawBufferPointer) -> UInt64? {
        var cursor = LineCursor(line)
        return cursor.skip("{\"v\":1,\"seq\":") ? cursor.number() : nil
    }

    /// Reads a line, its newline left out.
    /// - Returns: `nil` unless every byte of the prefix is as the format has it. What follows is not looked at.
    init?(_ line: UnsafeRawBufferPointer) {
        var cursor = LineCursor(line)
        guard cursor.skip("{\"v\":1,\"seq\":"), let sequence = cursor.number(), cursor.skip(",\"kind\":\""),
            let word = cursor.word(), let kind = Self.kind(UnsafeRawBufferPointer(rebasing: line[word])),
            cursor.skip("\",\"time\":\""), let time = cursor.time(), cursor.skip("\",\"mono\":"),
            let monotonic = cursor.number()
        else { return nil }
        self.sequence = sequence
        self.kind = kind
        self.time = time
        self.monotonic = monotonic
        if kind == .segment {
            guard cursor.skip(",\"segment\":"), let number = cursor.number() else { return nil }
            segment = number
        }
        if kind == .segment || kind == .open {
            guard cursor.skip(",\"boot\":\""), let boot = cursor.boot(), cursor.skip("\"") else { return nil }
            self.boot = boot
        }
    }

    private static func kind(_ word: UnsafeRawBufferPointer) -> Kind? {
        let names: [(StaticString, Kind)] = [
            ("decision", .decision), ("outcome", .outcome), ("event", .event), ("recipients", .recipients),
            ("segment", .segment), ("open", .open), ("close", .close), ("clock", .clock),
        ]
        for (name, kind) in names {
            var cursor = LineCursor(word)
            if cursor.skip(name), cursor.isAtEnd { return kind }
        }
        return nil
    }
}
