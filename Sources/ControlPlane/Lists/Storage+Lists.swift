public import Lists
public import Policy

extension Settings.Storage {
    /// Where bulk lists are kept.
    public var listsDirectory: String { directory + "/lists" }
}

extension SecretRotation.Paths {
    public init(_ storage: Settings.Storage) {
        self.init(
            secretFile: storage.secretFile, indexDirectory: storage.indexDirectory, listsDirectory: storage.listsDirectory,
            workDirectory: storage.directory + "/rotation")
    }
}
