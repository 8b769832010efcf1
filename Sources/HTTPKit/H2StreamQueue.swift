/// Streams in order, linked through themselves. A stream stands in one queue at most.
struct H2StreamQueue {
    private(set) var first: UnsafeMutablePointer<H2Stream>?
    private var last: UnsafeMutablePointer<H2Stream>?
    let place: H2UpstreamStream.Place

    init(_ place: H2UpstreamStream.Place) { self.place = place }

    var isEmpty: Bool { first == nil }

    @inline(__always)
    mutating func append(_ stream: UnsafeMutablePointer<H2Stream>) {
        stream.pointee.upstream.place = place
        stream.pointee.upstream.next = nil
        stream.pointee.upstream.previous = last
        if let last { last.pointee.upstream.next = stream } else { first = stream }
        last = stream
    }

    mutating func prepend(_ stream: UnsafeMutablePointer<H2Stream>) {
        stream.pointee.upstream.place = place
        stream.pointee.upstream.previous = nil
        stream.pointee.upstream.next = first
        if let first { first.pointee.upstream.previous = stream } else { last = stream }
        first = stream
    }

    /// Takes out a stream that stands in this queue.
    @inline(__always)
    mutating func remove(_ stream: UnsafeMutablePointer<H2Stream>) {
        let next = stream.pointee.upstream.next, previous = stream.pointee.upstream.previous
        if let previous { previous.pointee.upstream.next = next } else { first = next }
        if let next { next.pointee.upstream.previous = previous } else { last = previous }
        stream.pointee.upstream.next = nil
        stream.pointee.upstream.previous = nil
        stream.pointee.upstream.place = .none
    }
}
