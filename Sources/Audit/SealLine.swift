/// A seal as it stands in a file.
struct SealLine {
    var first: UInt64
    var last: UInt64
    /// Bytes of this segment that were on disk when the seal was written.
    var synced: UInt64
    var previous: AuditDigest
    var hash: AuditDigest
    /// Bytes of the line that the hash covers: everything before the hash itself.
    var covered: Int

    /// Whether `line` is meant to be a seal.
    static func begins(_ line: UnsafeRawBufferPointer) -> Bool {
        var cursor = LineCursor(line)
        return cursor.skip("{\"v\":1,\"kind\":\"seal\",")
    }

    /// Reads a line, its newline left out.
    /// - Returns: `nil` unless every byte is as the format has it.
    init?(_ line: UnsafeRawBufferPointer) {
        var cursor = LineCursor(line)
        guard cursor.skip("{\"v\":1,\"kind\":\"seal\",\"first\":"), let first = cursor.number(),
            cursor.skip(",\"last\":"), let last = cursor.number(),
            cursor.skip(",\"synced\":"), let synced = cursor.number(),
            cursor.skip(",\"prev\":\""), let previous = cursor.digest(), cursor.skip("\",\"hash\":\"")
        else { return nil }
        covered = cursor.index
        guard let hash = cursor.digest(), cursor.skip("\"}"), cursor.isAtEnd else { return nil }
        self.first = first
        self.last = last
        self.synced = synced
        self.previous = previous
        self.hash = hash
    }

    /// What a damaged seal still says about how far the file was synced.
    static func claimedSync(_ line: UnsafeRawBufferPointer) -> UInt64? {
        var cursor = LineCursor(line)
        guard cursor.skip("{\"v\":1,\"kind\":\"seal\",\"first\":"), cursor.number() != nil, cursor.skip(",\"last\":"),
            cursor.number() != nil, cursor.skip(",\"synced\":")
        else { return nil }
        return cursor.number()
    }
}
