/// The server_name extension of a ClientHello (RFC 6066 section 3), as the peer sent it.
enum ServerNameExtension {
    /// The one host name of the extension's body, lower case. `nil` when the body is not exactly one well-formed entry of
    /// type host_name, or holds a NUL, which would make C readers see another name.
    static func hostName(_ body: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        // list length (2), entry type (1), name length (2), name
        guard body.count > 5 else { return nil }
        let listLength = Int(body[0]) << 8 | Int(body[1])
        let nameLength = Int(body[3]) << 8 | Int(body[4])
        guard listLength == body.count - 2, body[2] == 0, nameLength == body.count - 5, nameLength <= 255 else { return nil }
        var name: [UInt8] = []
        name.reserveCapacity(nameLength)
        for byte in body.dropFirst(5) {
            guard byte != 0 else { return nil }
            name.append(DNSName.lowercase(byte))
        }
        return name
    }
}
