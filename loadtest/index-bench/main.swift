import Glibc
import Recipients
import Suppression

let usage = """
    usage: IndexBench sizes DIRECTORY N...        look-up times, memory, build and start at N entries; Set up to 10 M
           IndexBench misses DIRECTORY N COUNT    COUNT random misses against N entries; fails at the first false match
           IndexBench compaction DIRECTORY N      histogram of look-ups while N entries are compacted
    DIRECTORY is made if need be and keeps its snapshot when KEEP=1 is set.
    """

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3 else {
    print(usage)
    exit(64)
}
let directory = arguments[1]
mkdir(directory, 0o700)
let numbers = arguments.dropFirst(2).compactMap { Int($0) }
guard numbers.count == arguments.count - 2, numbers.allSatisfy({ $0 > 0 }) else {
    print(usage)
    exit(64)
}
let keep = getenv("KEEP") != nil
do {
    switch arguments[0] {
    case "sizes":
        for count in numbers {
            try measure(entries: count, in: directory, keep: keep)
            if count <= 10_000_000 { measureSet(entries: count) }
        }
    case "misses" where numbers.count == 2:
        try countFalseMatches(entries: numbers[0], misses: numbers[1], in: directory)
    case "compaction":
        try measureCompaction(entries: numbers[0], in: directory)
    default:
        print(usage)
        exit(64)
    }
} catch {
    print("\(error)")
    exit(1)
}
