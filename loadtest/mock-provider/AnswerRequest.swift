import Foundation

/// A request as far as answers look at it; each part is read when it is first asked for.
final class AnswerRequest {
    let target: String
    private let allHeaders: () -> [(name: String, value: String)]
    private let body: () -> Data

    init(target: String, headers: @escaping () -> [(name: String, value: String)], body: @escaping () -> Data) {
        self.target = target
        allHeaders = headers
        self.body = body
    }

    var path: Substring { target.prefix { $0 != "?" } }

    lazy var json: Any? = try? JSONSerialization.jsonObject(with: body(), options: [.fragmentsAllowed])
    lazy var form: [(name: String, value: String)] = Self.fields(String(decoding: body(), as: UTF8.self)[...])
    lazy var query: [(name: String, value: String)] = Self.fields(target.dropFirst(path.count + 1))

    func headers(_ name: String) -> [String] {
        allHeaders().filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    private static func fields(_ text: Substring) -> [(name: String, value: String)] {
        text.split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                part.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? String(part)
            }
            return (parts[0], parts.count == 2 ? parts[1] : "")
        }
    }
}
