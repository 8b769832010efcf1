import Glibc

/// Changes to names and small files that hold after a loss of power: synced, and the directory synced after them.
public enum DurableFile {
    /// Replaces the file at `path` by one of `bytes` (mode 0600): after a crash there is the old one or the new one.
    /// - Parameter temporary: a name beside it, to write to before.
    public static func replace(_ path: String, with bytes: [UInt8], temporary: String) throws(SuppressionError) {
        try prepare(temporary, bytes)
        do throws(SuppressionError) {
            try rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Writes and syncs a new file (mode 0600) that ``rename(_:to:)`` is to put in place, in stead of one that was left
    /// there: what can fail for want of room fails here.
    public static func prepare(_ path: String, _ bytes: [UInt8]) throws(SuppressionError) {
        unlink(path)
        let file = try SystemFile(creating: path)
        do throws(SuppressionError) {
            try bytes.withUnsafeBytes { bytes in
                Result { () throws(SuppressionError) in try file.write(bytes, at: 0) }
            }.get()
            try file.synchronise()
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Gives the file or directory another name in one step, replacing a file of that name, and syncs the directories.
    public static func rename(_ old: String, to new: String) throws(SuppressionError) {
        if Glibc.rename(old, new) != 0 { throw SystemFile.failure("rename", old) }
        try synchroniseDirectory(of: new)
        if directory(of: old) != directory(of: new) { try synchroniseDirectory(of: old) }
    }

    /// Removes the file, which need not be there.
    public static func remove(_ path: String) throws(SuppressionError) {
        if unlink(path) != 0 && errno != ENOENT { throw SystemFile.failure("unlink", path) }
    }

    /// Makes the directory (mode 0700), which may be there, and makes its name hold.
    public static func makeDirectory(_ path: String) throws(SuppressionError) {
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw SystemFile.failure("mkdir", path) }
        try synchroniseDirectory(of: path)
    }

    /// Syncs every file and directory under `path`, itself included: what was copied there then outlives a loss of power.
    public static func synchroniseTree(_ path: String) throws(SuppressionError) {
        let entry = SystemFile(descriptor: open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), path: path)
        if entry.descriptor < 0 { throw SystemFile.failure("open", path) }
        for name in try names(in: entry) { try synchroniseTree(path + "/" + name) }
        try entry.synchronise()
    }

    /// What a directory holds; nothing for a file.
    private static func names(in entry: borrowing SystemFile) throws(SuppressionError) -> [String] {
        var status = stat()
        if fstat(entry.descriptor, &status) != 0 { throw SystemFile.failure("fstat", entry.path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [] }
        guard let directory = opendir(entry.path) else { throw SystemFile.failure("opendir", entry.path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let next = readdir(directory) {
            let name = withUnsafePointer(to: &next.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    private static func synchroniseDirectory(of path: String) throws(SuppressionError) {
        let directory = SystemFile(descriptor: open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC), path: path)
        if directory.descriptor < 0 { throw SystemFile.failure("open", path) }
        try directory.synchronise()
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
