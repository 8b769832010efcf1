import Foundation

/// SplitMix64.
struct Numbers {
    var state: UInt64 = 7
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Writes `rows` random rows, all different but for a few.
func makeList(shape: String, rows: Int, path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
        throw CocoaError(.fileWriteUnknown)
    }
    var numbers = Numbers()
    var bytes: [UInt8] = []
    switch shape {
    case "crm": bytes += Array("id,name,phone,note\r\n".utf8)
    case "mail": bytes += Array("email\n".utf8)
    default: break
    }
    for row in 0..<rows {
        let random = numbers.next()
        let area = 201 + Int(random % 700), local = 2_000_000 + Int((random >> 20) % 8_000_000)
        switch shape {
        case "dnc": bytes += Array("\(area)\(local)\n".utf8)
        case "ftc": bytes += Array("\(area),\(local)\r\n".utf8)
        case "plus": bytes += Array("+1\(area)\(local)\n".utf8)
        case "crm": bytes += Array("\(row),\"Doe, Jane\",\"(\(area)) \(local / 10_000)-\(String(local % 10_000 + 10_000).dropFirst())\",\"said \"\"no\"\" twice\"\r\n".utf8)
        case "mail": bytes += Array("user\(random % 1_000_000_000)@example\(random >> 58).com\n".utf8)
        default: throw CocoaError(.featureUnsupported)
        }
        if bytes.count > 1 << 20 {
            try file.write(contentsOf: Data(bytes))
            bytes.removeAll(keepingCapacity: true)
        }
    }
    try file.write(contentsOf: Data(bytes))
    try file.close()
}
