import Testing

@testable import TLSKit

@Suite struct RunningDigestTests {
    @Test func piecesDoNotShow() {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for size in [1, 63, 64, 1000, 10_000] {
            var digest = RunningDigest()
            var start = 0
            while start < bytes.count {
                digest.update(Array(bytes[start..<min(start + size, bytes.count)]).span)
                start += size
                // Asking in between changes nothing.
                if size == 1000 { #expect(digest.finish() == MessageAuthentication.sha256(Array(bytes[..<min(start, bytes.count)]))) }
            }
            #expect(digest.finish() == MessageAuthentication.sha256(bytes))
        }
        #expect(RunningDigest().finish() == MessageAuthentication.sha256([]))
    }
}
