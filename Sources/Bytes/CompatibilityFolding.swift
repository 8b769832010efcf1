internal import CUnistring
internal import Glibc

/// Brings names to the form under which even a lax parser would confuse them: case folding, NFKC, no invisible characters, no
/// blanks at the ends. Two names that any two of these equate fold to the same bytes.
///
/// - Source: NFKC_Casefold of Unicode (section 3.13, D147), done twice because a compatibility form may decompose to capitals
///   (U+2121 is "TEL"). libunistring does the mapping.
public enum CompatibilityFolding {
    /// Appends the folded form of `text` to `out`.
    /// - Precondition: `text` is valid UTF-8; the caller has checked. Bytes that are not are replaced, never read past.
    /// - Complexity: O(count), with allocations: for the few names outside of ASCII, not for the common path.
    public static func fold(_ text: Span<UInt8>, into out: inout [UInt8]) {
        var visible = String()
        text.withUnsafeBufferPointer { bytes in
            for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars where !isInvisible(scalar) {
                visible.unicodeScalars.append(scalar)
            }
        }
        let folded = casefold(casefold(Array(visible.utf8)))
        var scalars = Substring(String(decoding: folded, as: UTF8.self)).unicodeScalars
        while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
        while let last = scalars.last, isBlank(last) { scalars.removeLast() }
        for scalar in scalars where !isInvisible(scalar) { out.append(contentsOf: UTF8.encode(scalar)!) }
    }

    private static func casefold(_ text: [UInt8]) -> [UInt8] {
        var count = 0
        let result = text.withUnsafeBufferPointer { unistring_nfkc_casefold($0.baseAddress, $0.count, &count) }
        guard let result else { return text }
        defer { free(result) }
        return Array(UnsafeBufferPointer(start: result, count: count))
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || isInvisible(scalar)
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        return scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .format
    }
}
