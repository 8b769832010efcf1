import Foundation

/// Base64 as signatures are written: RFC 4648 section 4, padded.
enum Base64Text {
    static func encode(_ bytes: [UInt8]) -> [UInt8] { Array(Data(bytes).base64EncodedData()) }
}
