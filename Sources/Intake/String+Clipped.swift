extension String {
    /// At most `limit` bytes of this text, cut between scalars, with NUL characters replaced: what the ledger can keep of it.
    /// The digest of the payload still covers the whole.
    func clipped(toBytes limit: Int) -> String {
        if utf8.count <= limit, !utf8.contains(0) { return self }
        var kept = String.UnicodeScalarView()
        var bytes = 0
        for scalar in unicodeScalars {
            let safe = scalar == "\0" ? "\u{fffd}" : scalar
            bytes += UTF8.width(safe)
            if bytes > limit { break }
            kept.append(safe)
        }
        return String(kept)
    }
}
