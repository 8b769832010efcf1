/// What stands in front of every entry of a ring. In memory only: the layout is the compiler's and never reaches a disk.
struct RingEntry {
    enum Kind: UInt8 { case decision = 1, outcome, event, padding }

    /// Bytes of the whole entry, a multiple of 8, this head included.
    var length: UInt32
    var kind: UInt8
    var at: AuditInstant

    static let alignment = 8
    static var headSize: Int { MemoryLayout<RingEntry>.stride }

    /// Bytes an entry takes whose parts add up to `body`.
    static func size(body: Int) -> Int { (headSize + body + alignment - 1) & ~(alignment - 1) }
}

/// The fixed part of a decision in the ring; the texts follow in the order of their slots, then the recipients.
struct DecisionHead {
    var verdict: UInt8 = 0
    var enforcement: UInt8 = 0
    var channels: UInt16 = 0
    var recipientCount: UInt32 = 0
    var ruleset: UInt64 = 0
    var ledger: UInt64 = 0
    var hasReceived = false
    var hasForwarded = false
    var received = AuditDigest()
    var forwarded = AuditDigest()
    var texts: InlineArray<12, UInt16> = .init(repeating: 0)
}

/// The fixed part of a recipient; the identifier's bytes follow, then the reason's. Not aligned.
struct RecipientHead {
    var event: UInt64
    var identifier: UInt16
    var reason: UInt16
    var kind: UInt8
    var channel: UInt8
    var verdict: UInt8
}

/// The fixed part of an outcome; the texts follow.
struct OutcomeHead {
    var decision = AuditID(boot: 0, lane: 0, counter: 0)
    var result: UInt8 = 0
    var status: UInt16 = 0
    var latency: UInt64 = 0
    var sent: UInt64 = 0
    var received: UInt64 = 0
    var texts: InlineArray<12, UInt16> = .init(repeating: 0)
}

/// The fixed part of an event; the texts follow, then the identifier's bytes.
struct EventHead {
    var channels: UInt16 = 0
    var identifier: UInt16 = 0
    var kind: UInt8 = 0
    var ledger: UInt64 = 0
    var texts: InlineArray<12, UInt16> = .init(repeating: 0)
}
