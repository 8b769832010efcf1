/// Reads files of secrets that are no PEM: credentials, tokens.
public enum SecretFile {
    /// The bytes of `path`.
    /// - Throws: when anybody but its owner may read it (its mode must be 0600 or 0400), when it is no plain file, and when it
    ///   cannot be read; the problem says how to mend it.
    public static func read(_ path: String) throws(TLSProblem) -> [UInt8] {
        try PEMFile.readKey(path, holding: "secrets").withBytes { Array($0) }
    }
}
