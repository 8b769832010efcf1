/// Holds the directory of an index for as long as it lives, without opening the index: while its files are exchanged.
public final class DirectoryHold: Sendable {
    private let directory: SystemFile

    /// - Throws: ``SuppressionError/inUse(path:)`` when a process has the index open.
    public init(_ path: String) throws(SuppressionError) { directory = try SystemFile(lockingDirectory: path) }
}
