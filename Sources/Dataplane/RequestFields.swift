import Bytes
import Gate
import HTTPKit

/// The header fields of a request, as the gate asks for them.
struct RequestFields: RequestHeaders {
    private let request: UnsafeMutablePointer<RequestHead>

    init(_ request: UnsafeMutablePointer<RequestHead>) { self.request = request }

    /// - Parameter name: in lower case.
    func index(of name: [UInt8], from start: Int = 0) -> Int? {
        name.withUnsafeBufferPointer { request.pointee.fields.firstIndex(named: $0, from: start) }
    }

    func append(_ name: Span<UInt8>, to out: inout GrowableBytes) -> Int {
        name.withUnsafeBufferPointer { name in
            var count = 0
            var from = 0
            while let index = request.pointee.fields.firstIndex(named: name, from: from) {
                if count == 0 { out.append(request.pointee.fields.value(index)) }
                count += 1
                from = index + 1
            }
            return count
        }
    }
}
