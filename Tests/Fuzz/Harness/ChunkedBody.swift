import Bytes
import HTTPKit

/// A chunked body by itself.
enum ChunkedBody {
    /// - Returns: how many bytes the body took; `nil` when it is refused or not whole.
    static func check(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) -> Int? {
        var payload = GrowableBytes(), slowly = GrowableBytes()
        let end = decode(input, pieces: input.count, into: &payload)
        let other = decode(input, pieces: 1 + input.count / 7, into: &slowly)
        try require(end == other, "chunks depend on their arrival: \(end), \(other)")
        try require(payload.bytes.elementsEqual(slowly.bytes), "the payload depends on its arrival")
        guard case .done(let consumed) = end else { return nil }
        try require(consumed <= input.count && payload.count < consumed, "consumed \(consumed)")
        var written = GrowableBytes(), again = GrowableBytes()
        H1Writer.chunk(payload.bytes, into: &written)
        written.append(H1Writer.lastChunk)
        try require(decode(written.bytes, pieces: 3, into: &again) == .done(consumed: written.count), "our chunks are refused")
        try require(payload.bytes.elementsEqual(again.bytes), "the payload changed")
        return consumed
    }

    /// Decodes `input` as it arrives in pieces of `size` bytes.
    /// - Returns: the last step; ``ChunkStep/done(consumed:)`` counts from the start of `input`.
    private static func decode(_ input: UnsafeBufferPointer<UInt8>, pieces size: Int, into payload: inout GrowableBytes) -> ChunkStep {
        var decoder = ChunkedDecoder()
        var start = 0
        while start < input.count {
            var at = start
            let end = min(start + max(size, 1), input.count)
            while true {
                switch decoder.decode(UnsafeBufferPointer(rebasing: input[at..<end])) {
                case .payload(let range):
                    payload.append(UnsafeBufferPointer(rebasing: input[at + range.lowerBound..<at + range.upperBound]))
                    at += range.upperBound
                    continue
                case .needMore: break
                case .done(let consumed): return .done(consumed: at + consumed)
                case .failed(let fault): return .failed(fault)
                }
                break
            }
            start = end
        }
        return .needMore
    }
}
