import Glibc

/// The commands of InspectBench that time the scanners alone.
enum ScanCommands {
    static let sizes = [1 << 10, 64 << 10, 30 << 20]

    /// - Returns: the exit code.
    static func run(_ words: [String]) -> CInt {
        switch (words.first, words.count) {
        case ("bodies", 2): return writeBodies(words[1])
        case ("scan", 3): return scan(words[1], words[2])
        case ("hostile", 2): return hostile(Int(words[1]) ?? 0)
        default: return 64
        }
    }

    private static func writeBodies(_ folder: String) -> CInt {
        for kind in ScanBodies.kinds {
            for size in sizes {
                guard let body = ScanBodies.body(kind, bytes: size), let file = fopen("\(folder)/\(kind)-\(size)", "w") else { return 73 }
                guard fwrite(body, 1, body.count, file) == body.count, fclose(file) == 0 else { return 74 }
            }
        }
        return 0
    }

    private static func scan(_ kind: String, _ path: String) -> CInt {
        guard let file = fopen(path, "r") else { return 66 }
        defer { fclose(file) }
        var body = [UInt8](repeating: 0, count: 64 << 20)
        body.removeLast(body.count - fread(&body, 1, body.count, file))
        var scanners = Scanners()
        guard scanners.scan(kind, body) else { return 65 }
        print(scanners.seconds(kind, body))
        return 0
    }

    private static func hostile(_ bytes: Int) -> CInt {
        guard bytes > 0 else { return 64 }
        var scanners = Scanners()
        for (name, kind, make) in ScanBodies.hostile {
            let (once, twice) = (make(bytes), make(bytes * 2))
            print("\(name)\t\(kind)\t\(scanners.seconds(kind, once))\t\(scanners.seconds(kind, twice))")
        }
        return 0
    }
}
