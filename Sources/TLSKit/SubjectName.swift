import Glibc

/// A name a local certificate is issued for, or a CA is limited to.
enum SubjectName {
    case dns(String)
    /// Text of the address, text of its network mask.
    case address(String, mask: String)

    /// What a leaf may carry: a host name, a wildcard, an IP address.
    init(subject text: String) throws(TLSProblem) {
        if let width = Self.addressWidth(text) {
            self = .address(text, mask: Self.mask(width, of: width))
        } else if DNSName.isValidPattern(text.utf8) {
            self = .dns(Self.lowercased(text))
        } else {
            throw Self.problem(text)
        }
    }

    /// What a CA may be limited to: a host name with everything below it, an IP address, a network such as 10.0.0.0/8.
    init(permitted text: String) throws(TLSProblem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if let width = Self.addressWidth(String(parts[0])) {
            guard let bits = parts.count == 1 ? width : Self.prefix(parts, width) else { throw Self.problem(text) }
            self = .address(String(parts[0]), mask: Self.mask(bits, of: width))
            return
        }
        // ".example.com" and "*.example.com" are what people write for "and everything below".
        let name = text.hasPrefix("*.") ? text.dropFirst(2) : text.hasPrefix(".") ? text.dropFirst() : text[...]
        guard DNSName.isValid(name.utf8) else { throw Self.problem(text) }
        self = .dns(Self.lowercased(name))
    }

    var alternativeName: String {
        switch self {
        case .dns(let name): "DNS:\(name)"
        case .address(let address, _): "IP:\(address)"
        }
    }

    var constraint: String {
        switch self {
        case .dns(let name): "permitted;DNS:\(name)"
        case .address(let address, let mask): "permitted;IP:\(address)/\(mask)"
        }
    }

    var isAddress: Bool {
        if case .address = self { return true }
        return false
    }

    private static func addressWidth(_ text: String) -> Int? {
        var room = in6_addr()
        if inet_pton(AF_INET, text, &room) == 1 { return 32 }
        return inet_pton(AF_INET6, text, &room) == 1 ? 128 : nil
    }

    private static func prefix(_ parts: [Substring], _ width: Int) -> Int? {
        guard parts.count == 2, parts[1].utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let bits = Int(parts[1]), bits <= width
        else { return nil }
        return bits
    }

    /// The mask of `bits` leading ones, as inet_ntop would write it, without its abbreviations.
    private static func mask(_ bits: Int, of width: Int) -> String {
        let bytes = (0..<width / 8).map { index in UInt8(truncatingIfNeeded: 0xff00 >> min(max(bits - index * 8, 0), 8)) }
        if width == 32 { return bytes.map { String($0) }.joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    }

    private static func lowercased(_ text: some StringProtocol) -> String {
        String(decoding: text.utf8.map(DNSName.lowercase), as: UTF8.self)
    }

    private static func problem(_ text: String) -> TLSProblem {
        TLSProblem(
            file: "certificate", what: "'\(text)' is neither a host name nor an IP address",
            remedy: "Write api.example.com, *.example.com or 127.0.0.1; no scheme, port or path.")
    }
}
