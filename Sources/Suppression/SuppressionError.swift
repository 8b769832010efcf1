/// Why the index refused. Every case says what, where, and what to do about it.
public enum SuppressionError: Error, Equatable, Sendable {
    /// The part of a snapshot that does not match its checksum or its own counts.
    public enum Part: String, Sendable { case size, magic, header, checksums, blocks, entries, positions }

    /// A call to the system failed.
    case system(call: String, path: String, errno: Int32)
    /// The snapshot was cut or altered.
    case damaged(part: Part, path: String, offset: UInt64)
    /// The snapshot was written under another digest secret: its keys mean other people.
    case wrongSecret(path: String, expected: UInt64, found: UInt64)
    /// The snapshot was written in a format that this program does not read.
    case unsupportedFormat(path: String, version: UInt32)
    /// A file of keys was cut or altered.
    case listDamaged(path: String, offset: UInt64)
    /// A file of keys was written under another digest secret: its keys mean other people.
    case listOfOtherSecret(path: String, expected: UInt64, found: UInt64)
    /// Another process holds the directory.
    case inUse(path: String)
    /// Channels outside of ``ChannelSet/all``, which the file format has no room for.
    case unknownChannels(UInt16)
    /// A compaction or rebuild is already under way.
    case busy
    /// More records under one block than a block can count: the keys are not digests.
    case keysNotUniform
    /// All reader slots are taken.
    case tooManyReaders(limit: Int)
    /// A rebuild that was already committed or cancelled.
    case rebuildEnded
    /// A row of an event, given to a rebuild of lists.
    case outOfScope
    /// Rows that lack events which the index already includes.
    case staleRows(needed: UInt64, found: UInt64)
}

extension SuppressionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let call, let path, let code):
            "\(call) failed on \(path): \(systemMessage(code)) (errno \(code))"
        case .damaged(let part, let path, let offset):
            "the snapshot \(path) is damaged (\(part.rawValue), byte \(offset)); it is rebuilt from the ledger: run "
                + "`stopgate ledger rebuild` if that does not happen by itself"
        case .wrongSecret(let path, let expected, let found):
            "the snapshot \(path) was written under another digest secret (check value \(String(found, radix: 16)), this "
                + "installation has \(String(expected, radix: 16))); restore the secret that belongs to it, or move the file "
                + "away and run `stopgate ledger rebuild`"
        case .unsupportedFormat(let path, let version):
            "the snapshot \(path) has format \(version), this program reads \(SnapshotLayout.formatVersion); move it away "
                + "and run `stopgate ledger rebuild`"
        case .listDamaged(let path, let offset):
            "the list file \(path) is damaged (byte \(offset)); load the list again from its source with `stopgate list load`"
        case .listOfOtherSecret(let path, let expected, let found):
            "the list file \(path) was written under another digest secret (check value \(String(found, radix: 16)), this "
                + "installation has \(String(expected, radix: 16))); load the list again from its source, or restore the secret "
                + "that belongs to it"
        case .inUse(let path):
            "another process uses the suppression index in \(path); stop it, or give this one its own directory"
        case .unknownChannels(let bits):
            "channel bits \(String(bits, radix: 16)) are outside of the eight known channels; update the program"
        case .busy:
            "a compaction or rebuild of the index is already under way; wait for it to end"
        case .keysNotUniform:
            "too many keys fall into one block; keys must be keyed digests (RecipientKey), not counters"
        case .tooManyReaders(let limit):
            "all \(limit) reader slots of the index are taken; make one reader per worker thread and keep it"
        case .rebuildEnded:
            "this rebuild was already committed or cancelled; begin a new one"
        case .outOfScope:
            "a rebuild of lists takes rows of lists only; begin one of everything to replace events"
        case .staleRows(let needed, let found):
            "the rows reflect the ledger up to event \(found), the index already includes event \(needed); read the ledger "
                + "again from there"
        }
    }
}
