import Bytes
import TLSKit

/// The parts of a request that Signature Version 4 covers. Owns its bytes: signing is no work of the hot path.
public struct AWSRequest: Sendable {
    public struct Field: Sendable, Equatable {
        /// In lower case.
        public var name: [UInt8]
        public var value: [UInt8]

        public init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    public var method: [UInt8]
    /// As it stands in the request line, escapes and all, without the query.
    public var path: [UInt8]
    /// Behind the `?`, as it stands in the request line.
    public var query: [UInt8]
    /// All fields in their order, `host` among them.
    public var fields: [Field]
    /// SHA-256 of the body as it travels (content coding on), 64 hexadecimal digits in lower case.
    public var payloadHash: [UInt8]

    public init(method: [UInt8], target: [UInt8], fields: [Field], payloadHash: [UInt8]) {
        self.method = method
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        path = Array(target[..<mark])
        query = Array(target[min(mark + 1, target.count)...])
        self.fields = fields
        self.payloadHash = payloadHash
    }

    /// The value of the one field called `name`; `nil` when there is none or more than one.
    func only(_ name: String) -> [UInt8]? {
        let name = Array(name.utf8)
        var found: [UInt8]?
        for field in fields where field.name == name {
            guard found == nil else { return nil }
            found = field.value
        }
        return found
    }

    func has(_ name: String) -> Bool {
        let name = Array(name.utf8)
        return fields.contains { $0.name == name }
    }

    /// The hash of a body, as ``payloadHash`` wants it.
    public static func payloadHash(_ body: Span<UInt8>) -> [UInt8] {
        var digest = RunningDigest()
        digest.update(body)
        return hexadecimal(digest.finish())
    }

    static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
