/// What a timer belongs to: tells the worker whom to wake.
enum TimerOwner: UInt8 {
    case connection
    case exchange
}

/// An entry of the wheel, embedded in the object it belongs to, so that arming a timer never allocates.
struct TimerNode {
    var previous: UnsafeMutablePointer<TimerNode>?
    var next: UnsafeMutablePointer<TimerNode>?
    var owner: UnsafeMutableRawPointer?
    /// The tick at which the node leaves its slot.
    var tick: UInt64 = 0
    var kind = TimerOwner.connection
    var isArmed = false
}

/// A hashed timing wheel: arming, moving and cancelling cost a few instructions, whatever the number of timers.
///
/// Deadlines move much more often than they pass: an owner keeps its real deadline itself, arms the wheel once, and when
/// the node fires too early it is simply armed again for the rest. So progress on a connection costs no timer work.
struct TimerWheel {
    static let slotCount = 512
    /// Milliseconds per slot. Limits are seconds, so a tenth of one is exact enough.
    static let resolution: UInt64 = 100

    private let slots: UnsafeMutablePointer<UnsafeMutablePointer<TimerNode>?>
    private var current: UInt64
    private(set) var armed = 0

    init(now: MonotonicTime) {
        slots = .allocate(capacity: Self.slotCount)
        slots.initialize(repeating: nil, count: Self.slotCount)
        current = now.milliseconds / Self.resolution
    }

    /// The wheel lives as long as its worker; the worker frees it.
    func deallocate() { slots.deallocate() }

    /// Whether `node` fires at `deadline` (milliseconds) or before: then arming it for that would change nothing.
    @inline(__always)
    func covers(_ node: UnsafeMutablePointer<TimerNode>, _ deadline: UInt64) -> Bool {
        node.pointee.isArmed && node.pointee.tick <= deadline / Self.resolution + 1
    }

    /// Arms `node` for `deadline` (milliseconds) unless it is already armed for an earlier tick.
    mutating func arm(_ node: UnsafeMutablePointer<TimerNode>, at deadline: UInt64) {
        // One tick is added so that a timer never fires early, and at least one so that it never lands in the past.
        let tick = max(deadline / Self.resolution + 1, current + 1)
        if node.pointee.isArmed {
            if node.pointee.tick <= tick { return }
            cancel(node)
        }
        let limited = min(tick, current + UInt64(Self.slotCount) - 1)
        let slot = Int(limited % UInt64(Self.slotCount))
        node.pointee.tick = limited
        node.pointee.isArmed = true
        node.pointee.previous = nil
        node.pointee.next = slots[slot]
        slots[slot]?.pointee.previous = node
        slots[slot] = node
        armed += 1
    }

    mutating func cancel(_ node: UnsafeMutablePointer<TimerNode>) {
        guard node.pointee.isArmed else { return }
        if let previous = node.pointee.previous {
            previous.pointee.next = node.pointee.next
        } else {
            slots[Int(node.pointee.tick % UInt64(Self.slotCount))] = node.pointee.next
        }
        node.pointee.next?.pointee.previous = node.pointee.previous
        node.pointee.previous = nil
        node.pointee.next = nil
        node.pointee.isArmed = false
        armed -= 1
    }

    /// Takes one node whose tick has passed, or `nil` when there is none left at `now`. The node is disarmed.
    mutating func popExpired(now: MonotonicTime) -> UnsafeMutablePointer<TimerNode>? {
        let target = now.milliseconds / Self.resolution
        while current <= target {
            var node = slots[Int(current % UInt64(Self.slotCount))]
            while let candidate = node {
                if candidate.pointee.tick <= target {
                    cancel(candidate)
                    return candidate
                }
                node = candidate.pointee.next
            }
            if current == target { return nil }
            current += 1
        }
        return nil
    }

    /// Milliseconds the loop may sleep: until the next tick while anything is armed.
    func sleepLimit(now: MonotonicTime) -> Int32 {
        guard armed > 0 else { return 500 }
        let into = now.milliseconds % Self.resolution
        return Int32(Self.resolution - into)
    }
}
