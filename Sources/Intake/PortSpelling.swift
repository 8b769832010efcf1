/// A URL with and without its port written out. Works on the text, so that every other character stays as it was signed.
enum PortSpelling {
    /// `url` with the default port of its scheme written out when it names none.
    static func with(_ url: String) -> String {
        guard let parts = Parts(url), parts.port == nil else { return url }
        return "\(parts.beforePort):\(parts.isSecure ? 443 : 80)\(parts.afterPort)"
    }

    /// `url` without a port.
    static func without(_ url: String) -> String {
        guard let parts = Parts(url) else { return url }
        return "\(parts.beforePort)\(parts.afterPort)"
    }

    private struct Parts {
        let isSecure: Bool
        let beforePort: Substring
        let port: Substring?
        let afterPort: Substring

        init?(_ url: String) {
            let lowered = url.prefix(8).lowercased()
            guard lowered.hasPrefix("https://") || lowered.hasPrefix("http://") else { return nil }
            isSecure = lowered.hasPrefix("https://")
            let start = url.index(url.startIndex, offsetBy: isSecure ? 8 : 7)
            let end = url[start...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? url.endIndex
            afterPort = url[end...]
            let hostStart = url[start..<end].lastIndex(of: "@").map { url.index(after: $0) } ?? start
            // The colons of an IPv6 address stand inside brackets.
            let portStart = url[hostStart..<end].lastIndex(of: ":").flatMap { colon in
                url[colon..<end].contains("]") ? nil : colon
            }
            beforePort = url[..<(portStart ?? end)]
            port = portStart.map { url[$0..<end].dropFirst() }
        }
    }
}
