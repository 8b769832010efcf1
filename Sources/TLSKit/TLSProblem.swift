/// Something wrong with a certificate, a key or a setting: which file, what is wrong, how to mend it.
public struct TLSProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file's path, or what the setting is about where there is no file.
    public let file: String
    public let what: String
    public let remedy: String

    public init(file: String, what: String, remedy: String) {
        self.file = file
        self.what = what
        self.remedy = remedy
    }

    public var description: String { "\(file): \(what). \(remedy)" }
}
