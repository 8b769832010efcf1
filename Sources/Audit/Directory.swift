import Glibc

/// The few things one does with a directory.
enum Directory {
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes renames and new names in the directory durable.
    static func sync(_ path: String) throws(AuditFailure) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system(.open, path: path, errno: errno) }
        defer { Glibc.close(directory) }
        guard fsync(directory) == 0 else { throw .system(.sync, path: path, errno: errno) }
    }

    /// The names in a directory, unsorted.
    static func names(_ path: String) throws(AuditFailure) -> [String] {
        guard let listing = opendir(path) else { throw .system(.open, path: path, errno: errno) }
        defer { closedir(listing) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(listing) {
            names.append(withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            })
        }
        guard errno == 0 else { throw .system(.read, path: path, errno: errno) }
        return names
    }
}
