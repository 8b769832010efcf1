/// What ``H2Upstream`` keeps of a stream, inside its ``H2Stream``.
struct H2UpstreamStream {
    /// Which of the session's queues the stream stands in.
    enum Place: UInt8 { case none, waiting, ready, closing }

    var place = Place.none
    var next: UnsafeMutablePointer<H2Stream>?
    var previous: UnsafeMutablePointer<H2Stream>?

    /// The request, until its HEADERS are written: see ``H2Upstream/submitRequest(_:_:path:authority:dropping:length:hasBody:)``.
    var head: UnsafePointer<RequestHead>?
    var path = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var authority = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var dropping = HeaderTokenSet()
    /// The announced length; -1 when there is none.
    var length = -1

    /// END_STREAM is still to be written.
    var sends = false
    var sendWindow = H2SendWindow(left: 0)
    var receiveWindow = H2ReceiveWindow(size: 0)
    /// What the RST_STREAM of a stream in the closing queue says.
    var reset = H2ErrorCode.noError
}
