import Audit
@testable import Dataplane
import Testing

@Suite struct IdempotencyCacheTests {
    static func digest(_ text: String) -> AuditDigest {
        var hasher = BodyHasher()
        return hasher.digest(text.utf8.span)
    }

    static func key(_ text: String) -> IdempotencyCache.Key { .init(digest: digest(text)) }

    static func keep(_ cache: IdempotencyCache, _ name: String, _ body: String = "b", owner: UInt64 = 1, now: UInt64 = 0, size: Int = 10) -> Bool {
        cache.keep(
            key(name), received: digest(body), forwarded: [UInt8](repeating: 0, count: size), forwardedDigest: nil, results: nil, stripped: 1,
            owner: owner, now: now)
    }

    @Test func theFirstDecisionHolds() {
        let cache = IdempotencyCache()
        #expect(cache.adopt(Self.key("k"), received: Self.digest("b"), now: 0) == nil)
        #expect(Self.keep(cache, "k"))
        #expect(!Self.keep(cache, "k", owner: 2, size: 20))
        #expect(cache.adopt(Self.key("k"), received: Self.digest("b"), now: 5)?.forwarded?.count == 10)
        #expect(cache.adopt(Self.key("k"), received: Self.digest("other"), now: 5) == nil)
        // Another body under the key is the provider's to refuse; what was decided first stays.
        #expect(Self.keep(cache, "k", "other", owner: 3, size: 30))
        #expect(cache.adopt(Self.key("k"), received: Self.digest("b"), now: 5)?.forwarded?.count == 10)
    }

    @Test func onlyItsOwnerTakesADecisionBackAndOnlyBeforeItLeaves() {
        let cache = IdempotencyCache()
        #expect(Self.keep(cache, "k", owner: 7))
        #expect(!cache.withdraw(Self.key("k"), owner: 8))
        #expect(!cache.withdraw(Self.key("k"), owner: 0))
        #expect(cache.withdraw(Self.key("k"), owner: 7))
        #expect(cache.count == 0)
        #expect(Self.keep(cache, "k", owner: 7))
        cache.seal(Self.key("k"), owner: 8)
        cache.seal(Self.key("k"), owner: 7)
        #expect(!cache.withdraw(Self.key("k"), owner: 7))
        #expect(Self.keep(cache, "l", owner: 9))
        // A retry relies on it now.
        #expect(cache.adopt(Self.key("l"), received: Self.digest("b"), now: 0) != nil)
        #expect(!cache.withdraw(Self.key("l"), owner: 9))
    }

    @Test func decisionsAge() {
        let cache = IdempotencyCache(lifetime: 100)
        #expect(Self.keep(cache, "k", now: 10))
        #expect(cache.adopt(Self.key("k"), received: Self.digest("b"), now: 109) != nil)
        #expect(cache.adopt(Self.key("k"), received: Self.digest("b"), now: 110) == nil)
        #expect(Self.keep(cache, "k", owner: 2, now: 110, size: 20))
        #expect(cache.adopt(Self.key("k"), received: Self.digest("b"), now: 111)?.forwarded?.count == 20)
    }

    /// Each worker has its own idea of now, a turn old at most.
    @Test func aWorkerWhoseClockIsBehindFollowsTheDecisionToo() {
        let cache = IdempotencyCache(lifetime: 100)
        #expect(Self.keep(cache, "k", now: 10))
        #expect(cache.adopt(Self.key("k"), received: Self.digest("b"), now: 9) != nil)
        #expect(!Self.keep(cache, "k", owner: 2, now: 9))
        #expect(Self.keep(cache, "l", now: 8))
        #expect(cache.count == 2)
    }

    @Test func theOldestGoWhenThereAreTooManyBytes() {
        let cache = IdempotencyCache(capacity: 100_000)
        for number in 0..<20_000 { #expect(Self.keep(cache, "k\(number)", now: UInt64(number), size: 1000)) }
        #expect(cache.count == 100_000 / 1192)
        #expect(cache.adopt(Self.key("k19999"), received: Self.digest("b"), now: 20_000) != nil)
        #expect(cache.adopt(Self.key("k0"), received: Self.digest("b"), now: 20_000) == nil)
    }
}
