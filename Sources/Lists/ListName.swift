/// Names of lists are names of directories, so they are narrow.
enum ListName {
    static func check(_ name: String) throws(ListFailure) {
        let bytes = Array(name.utf8)
        let isPlain = bytes.allSatisfy { byte in
            (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x5f || byte == 0x2e
        }
        guard (1...64).contains(bytes.count), isPlain, bytes[0] > 0x2f else { throw .badName(name) }
    }
}
