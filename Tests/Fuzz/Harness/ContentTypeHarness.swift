import Adapters
import Bytes

/// A Content-Type value: written anew from what was read of it, and in capitals, it reads the same.
enum ContentTypeHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        guard let type = try parse(input.span) else { return }
        let boundary = type.boundary.map { Array(input[$0.range]) }
        try require((type.media == .multipart) == (boundary != nil), "a boundary where none belongs, or none where one does")
        if let boundary { try require((1...70).contains(boundary.count), "a boundary of \(boundary.count) bytes") }

        let written = write(type, boundary)
        let read = try parse(written.span)
        try require(read?.media == type.media && read?.charset == type.charset, "written anew it is \(String(describing: read))")
        try require(read?.boundary.map { Array(written[$0.range]) } == boundary, "another boundary")

        let capitals = input.map { (0x61...0x7a).contains($0) ? $0 - 0x20 : $0 }
        let loud = try parse(capitals.span)
        try require(loud?.media == type.media && loud?.charset == type.charset, "in capitals it is \(String(describing: loud))")
    }

    private static func parse(_ value: Span<UInt8>) throws(Violation) -> ContentType? {
        do throws(BodyFault) { return try ContentType.parse(value) } catch {
            try require(error.offset <= value.count && [400, 413, 415].contains(error.status), "a fault at \(error.offset)")
            return nil
        }
    }

    private static func write(_ type: ContentType, _ boundary: [UInt8]?) -> [UInt8] {
        let media =
            switch type.media {
            case .json: "application/json"
            case .form: "application/x-www-form-urlencoded"
            case .multipart: "multipart/form-data"
            case .text: "text/plain"
            case .xml: "application/xml"
            case .other: "a/b"
            }
        let charset =
            switch type.charset {
            case .absent: ""
            case .utf8: "; charset=utf-8"
            case .usASCII: "; charset=us-ascii"
            }
        return Array((media + charset).utf8) + (boundary.map { Array("; boundary=\"".utf8) + $0 + Array("\"".utf8) } ?? [])
    }
}
