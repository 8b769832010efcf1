import Glibc
import Recipients
import Suppression

/// Looks up `misses` keys that are not members. One false match ends the program with status 1.
func countFalseMatches(entries count: Int, misses: Int, in directory: String) throws {
    let index = try SuppressionIndex(directory: directory, secretID: 1)
    if index.state(of: member(UInt64(count - 1))).isEmpty {
        let rebuild = try index.beginRebuild(.everything)
        for i in 0..<UInt64(count) { try rebuild.add(member(i), .phoneMessages, source: .event) }
        try rebuild.commit(ledgerPosition: 1)
    }
    index.markReady()
    let reader = try index.makeReader()
    // A member each million look-ups, so that an index that answers "no" to everything fails too.
    let start = threadTime()
    for i in 0..<UInt64(misses) {
        if !reader.blockedChannels(stranger(i)).isEmpty {
            print("false match at miss \(i)")
            exit(1)
        }
        if i % 1_000_000 == 0, reader.blockedChannels(randomMember(i, of: UInt64(count))) != .phoneMessages {
            print("false negative at \(i)")
            exit(1)
        }
    }
    let seconds = Double(threadTime() - start) / 1e9
    print("\(misses) random misses against \(count) entries: no false match; \(two(seconds)) s CPU")
}
