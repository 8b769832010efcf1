import Glibc

/// The floor: loads from `bytes` of memory in huge pages, at random, each address depending on the last load. No index in
/// that much memory can answer from a cold line sooner.
struct Floor {
    private let words: UnsafeMutablePointer<UInt64>
    private let count: UInt64
    private let bytes: Int

    init(bytes: Int, hugePages: Bool) {
        self.bytes = bytes
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
        madvise(memory, bytes, hugePages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE)
        words = memory.assumingMemoryBound(to: UInt64.self)
        count = UInt64(bytes / 8)
        for i in 0..<Int(count) { words[i] = UInt64(i) }
    }

    func dependentLoad() -> Double {
        var last: UInt64 = 0
        let words = words
        let count = count
        let time = nanoseconds(500_000) { i in
            last = words[Int(mixed(i &+ last &* 7).multipliedFullWidth(by: count).high)]
        }
        sink &+= last
        return time
    }

    func release() { munmap(words, bytes) }
}
