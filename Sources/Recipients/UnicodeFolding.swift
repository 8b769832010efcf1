import CUnistring
import Glibc

/// Unicode normalisation by libunistring. Allocates: for text outside of ASCII only.
enum UnicodeFolding {
    /// NFKC: one form for characters that differ only in looks, such as full-width letters and circled digits.
    /// - Returns: `nil` when `text` is not UTF-8.
    static func compatibilityForm(of text: Span<UInt8>) -> [UInt8]? {
        text.withUnsafeBufferPointer { text in
            var count = 0
            return adopt(unistring_nfkc(text.baseAddress, text.count, &count), count)
        }
    }

    /// NFKC without case: both steps are repeated until nothing changes, so the result is its own folding.
    static func caselessForm(of text: Span<UInt8>) -> [UInt8]? {
        guard var current = compatibilityForm(of: text) else { return nil }
        // Unicode's own definition (D146) needs two rounds at most; the third sees that nothing changed.
        for _ in 0..<4 {
            let next = current.withUnsafeBufferPointer { bytes in
                var count = 0
                return adopt(unistring_nfkc_casefold(bytes.baseAddress, bytes.count, &count), count)
            }
            guard let next else { return nil }
            if next == current { return current }
            current = next
        }
        return nil
    }

    private static func adopt(_ block: UnsafeMutablePointer<UInt8>?, _ count: Int) -> [UInt8]? {
        guard let block else { return nil }
        defer { free(block) }
        return Array(UnsafeBufferPointer(start: block, count: count))
    }
}
