import Bytes

/// The text of a switch.
enum SwitchValue {
    private static let off: [[UInt8]] = ["", "0", "no", "off", "false", "null", "none"].map { Array($0.utf8) }

    /// Whether the decoded text turns the switch on.
    /// - Parameter wanted: what turns it on; `nil`: whatever does not turn it off.
    static func isOn(_ text: Span<UInt8>, _ wanted: [UInt8]?) -> Bool {
        let word = text.extracting(ASCIIText.trimmingBlanks(text, text.indices))
        if let wanted { return ASCIIText.caselessEqual(word, wanted.span) }
        for index in off.indices {
            let known = off[index]
            if ASCIIText.caselessEqual(word, known.span) { return false }
        }
        return true
    }
}
