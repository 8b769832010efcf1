import Glibc

/// Bytes that arrive at one end and leave at the other: a message body on its way through, or a connection's unread input.
/// Amortised linear: the consumed front is reclaimed when the queue runs empty or when the room is needed.
public struct ByteQueue: ~Copyable {
    private var storage: GrowableBytes
    private var front = 0
    /// Consumed bytes stay until ``reset(keeping:)``, so that ``rewind()`` can offer them again: for a request that a
    /// provider is known not to have taken.
    public var keepsConsumed = false

    public init(capacity: Int = 256) { storage = GrowableBytes(capacity: capacity) }

    /// How many bytes wait to be consumed.
    public var count: Int { storage.count - front }
    public var isEmpty: Bool { storage.count == front }
    /// Bytes of memory held, used or not.
    public var capacity: Int { storage.capacity }

    /// The waiting bytes. Valid until the next mutation.
    public var readable: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: storage.bytes[front...])
    }

    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        makeRoom(bytes.count)
        storage.append(bytes)
    }

    /// Grants `body` up to `room` writable bytes behind the end; it returns how many it filled.
    public mutating func fill<E: Error>(
        room: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) throws(E) -> Int
    ) throws(E) {
        makeRoom(room)
        try storage.fill(room: room, body)
    }

    private mutating func makeRoom(_ room: Int) {
        // Moving the rest down costs at most one move per byte over the queue's life, because it only happens when at
        // least half of the block is consumed.
        if !keepsConsumed, front > 0, room > storage.capacity - storage.count, front >= storage.count / 2 {
            storage.removeFirst(front)
            front = 0
        }
    }

    public mutating func consume(_ n: Int) {
        precondition(n >= 0 && n <= count)
        front += n
        if front == storage.count, !keepsConsumed {
            front = 0
            storage.truncate(to: 0)
        }
    }

    /// Offers everything again that was consumed while ``keepsConsumed`` was set.
    public mutating func rewind() { if keepsConsumed { front = 0 } }

    /// How many bytes ``rewind()`` would bring back.
    public var consumed: Int { front }

    /// Gives the waiting bytes to `body` for rewriting as a whole; afterwards the queue holds what `body` left there.
    public mutating func replace(with other: inout GrowableBytes) {
        storage.truncate(to: 0)
        front = 0
        swap(&storage, &other)
    }

    /// Empties the queue and gives back memory beyond `keep`.
    public mutating func reset(keeping keep: Int = .max) {
        front = 0
        keepsConsumed = false
        storage.reset(keeping: keep)
    }
}
