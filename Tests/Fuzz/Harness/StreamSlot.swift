import Bytes
import HTTPKit

/// A stream with its buffers, and what an engine knows of it whichever side it is on. Never freed before the session: events may
/// still name it.
class StreamSlot {
    let stream = UnsafeMutablePointer<H2Stream>.allocate(capacity: 1)
    let incoming = UnsafeMutablePointer<ByteQueue>.allocate(capacity: 1)
    let outgoing = UnsafeMutablePointer<ByteQueue>.allocate(capacity: 1)
    var received = 0
    var isHeadSeen = false
    var isRefused = false
    var isEnded = false
    var isClosed = false

    init() {
        incoming.initialize(to: ByteQueue())
        outgoing.initialize(to: ByteQueue())
        stream.initialize(to: H2Stream())
        stream.pointee.incoming = incoming
        stream.pointee.outgoing = outgoing
        stream.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        stream.deinitialize(count: 1)
        incoming.deinitialize(count: 1)
        outgoing.deinitialize(count: 1)
        stream.deallocate()
        incoming.deallocate()
        outgoing.deallocate()
    }
}
