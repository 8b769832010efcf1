public import Recipients

/// The one question the gate asks of the suppressions. The index answers it; tests answer it with a dictionary.
public protocol SuppressionLookup {
    /// The channels on which `key` must not be contacted; empty when it may be.
    /// - Parameter key: the keyed digest of a normalised identifier: whatever the program. Of the same in a program
    ///   (``ProgramKey``): what was opted out of in that program alone.
    /// - Complexity: no allocation and no lock.
    func blockedChannels(_ key: RecipientKey) -> ChannelSet

    /// A number that changes whenever an answer may have changed. A verdict reached under one version holds for as long
    /// as the version does.
    var version: UInt64 { get }

    /// The position of the last ledger event that the answers include; recorded with every decision.
    var ledgerPosition: UInt64 { get }
}
