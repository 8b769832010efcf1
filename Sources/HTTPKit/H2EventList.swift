/// What a session has recorded and the engine has not taken yet. Keeps its memory.
struct H2EventList: ~Copyable {
    private var events: UnsafeMutablePointer<H2Event>
    private var capacity = 64
    private var count = 0
    private var taken = 0

    init() { events = .allocate(capacity: 64) }

    deinit { events.deallocate() }

    @inline(__always)
    mutating func append(_ event: H2Event) {
        if count == capacity { grow() }
        (events + count).initialize(to: event)
        count += 1
    }

    /// The next event, in order; `nil` when all have been taken.
    @inline(__always)
    mutating func next() -> H2Event? {
        guard taken < count else {
            taken = 0
            count = 0
            return nil
        }
        defer { taken += 1 }
        return events[taken]
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<H2Event>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: events, count: count)
        events.deallocate()
        events = larger
        capacity *= 2
    }
}
