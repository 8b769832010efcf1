import Bytes
public import Ledger
import Recipients

extension Identifier {
    /// As people and providers write it: the ledger keeps phone numbers without their plus.
    public var spelling: String { kind == .phone && !value.hasPrefix("+") ? "+" + value : value }

    /// Enough to recognise one's own, too little to use.
    public var masked: String {
        var out = GrowableBytes(capacity: 64)
        IdentifierMask.append(Array(spelling.utf8).span, kind: kind, to: &out)
        return out.withSpan { text in String(decoding: text.indices.map { text[$0] }, as: UTF8.self) }
    }
}
