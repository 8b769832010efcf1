/// The body of a webhook in `application/x-www-form-urlencoded`, decoded strictly, with duplicates kept in order.
public struct FormBody: Equatable, Sendable {
    public enum Problem: Error, Equatable, Sendable {
        case tooLarge(limit: Int)
        case tooManyFields(limit: Int)
        /// A `%` without two hexadecimal digits after it.
        case badEscape(offset: Int)
        /// A byte that an encoder would have escaped: a control character, a blank, or one outside of ASCII.
        case unescapedByte(offset: Int)
    }

    /// 1 MiB.
    public static let sizeLimit = 1_048_576
    public static let fieldLimit = 1000

    public let fields: [FormField]

    /// - Complexity: linear in `body`.
    public init(_ body: [UInt8]) throws(Problem) {
        guard body.count <= Self.sizeLimit else { throw .tooLarge(limit: Self.sizeLimit) }
        var fields: [FormField] = []
        var start = 0
        while start < body.count {
            let end = body[start...].firstIndex(of: UInt8(ascii: "&")) ?? body.count
            // An empty piece, as in `a=1&&b=2`, is no field (WHATWG URL, 5.1).
            if end > start {
                guard fields.count < Self.fieldLimit else { throw .tooManyFields(limit: Self.fieldLimit) }
                let equals = body[start..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
                fields.append(FormField(
                    name: try Self.decode(body, start..<equals), value: try Self.decode(body, min(equals + 1, end)..<end)))
            }
            start = end + 1
        }
        self.fields = fields
    }

    /// The values of every field called `name`, in order.
    public func values(_ name: String) -> [[UInt8]] {
        fields.filter { $0.name.elementsEqual(name.utf8) }.map(\.value)
    }

    private static func decode(_ body: [UInt8], _ range: Range<Int>) throws(Problem) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var next = range.lowerBound
        while next < range.upperBound {
            let byte = body[next]
            switch byte {
            case UInt8(ascii: "+"): decoded.append(0x20)
            case UInt8(ascii: "%"):
                guard next + 2 < range.upperBound, let high = hex(body[next + 1]), let low = hex(body[next + 2])
                else { throw .badEscape(offset: next) }
                decoded.append(high << 4 | low)
                next += 2
            case 0x21...0x7e: decoded.append(byte)
            default: throw .unescapedByte(offset: next)
            }
            next += 1
        }
        return decoded
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
