import Bytes
import HTTPKit

/// One request under way. Reused for the next one; its parts stay at their addresses, which nghttp2 keeps.
final class Slot {
    let stream: UnsafeMutablePointer<H2Stream>
    let head: UnsafeMutablePointer<ResponseHead>
    private let incoming: UnsafeMutablePointer<ByteQueue>
    private let outgoing: UnsafeMutablePointer<ByteQueue>
    var request: PreparedRequest?
    /// When it should have been sent, and when it was. Nanoseconds.
    var intended: UInt64 = 0
    var sent: UInt64 = 0
    var isDone = false
    unowned(unsafe) var connection: LoadConnection?

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: H2Stream())
        head = .allocate(capacity: 1)
        head.initialize(to: ResponseHead(fieldLimit: 64, byteLimit: 16_384))
        incoming = .allocate(capacity: 1)
        incoming.initialize(to: ByteQueue(capacity: 1024))
        outgoing = .allocate(capacity: 1)
        outgoing.initialize(to: ByteQueue(capacity: 1024))
    }

    deinit {
        stream.deinitialize(count: 1)
        stream.deallocate()
        head.deinitialize(count: 1)
        head.deallocate()
        incoming.deinitialize(count: 1)
        incoming.deallocate()
        outgoing.deinitialize(count: 1)
        outgoing.deallocate()
    }

    /// Makes it ready to carry `request` over HTTP/2.
    func load(_ request: PreparedRequest) {
        stream.pointee = H2Stream()
        head.pointee.reset()
        incoming.pointee.reset()
        outgoing.pointee.reset()
        outgoing.pointee.append(request.body)
        stream.pointee.response = head
        stream.pointee.incoming = incoming
        stream.pointee.outgoing = outgoing
        stream.pointee.outgoingEnded = true
        stream.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Body bytes of answers are counted, not kept.
    func dropBody() { incoming.pointee.reset() }

    static func of(_ stream: UnsafeMutablePointer<H2Stream>) -> Slot? {
        stream.pointee.owner.map { Unmanaged<Slot>.fromOpaque($0).takeUnretainedValue() }
    }
}
