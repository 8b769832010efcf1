import Foundation
import Testing

/// A case as a test's argument.
struct GoldenCase: CustomTestStringConvertible, Sendable {
    let provider: String
    let suppressed: [String]
    let name: String
    let method: String
    let host: String
    let target: String
    /// Names in lower case.
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    let verdict: String
    let recipients: [String]?
    let forwards: String?
    let forwardedTarget: String?
    let answers: String?
    let fields: [String: String]
    let isScheduled: Bool?

    var testDescription: String { "\(provider): \(name)" }

    static let all = CaseFile.all.flatMap { file in file.cases.map { GoldenCase(file, $0) } }

    init(_ file: CaseFile, _ written: CaseFile.Case) {
        provider = file.provider
        suppressed = file.suppressed ?? []
        name = written.name
        let words = written.request.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, words[1].hasPrefix("https://") else { fatalError("\(file.provider): '\(written.request)' is not METHOD https://host/path") }
        method = words[0]
        let rest = words[1].dropFirst("https://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        host = String(rest[..<slash])
        target = slash == rest.endIndex ? "/" : String(rest[slash...])
        body = written.base64.map { Array(Data(base64Encoded: $0) ?? Data()) } ?? Array((written.body ?? "").utf8)
        var headers = (written.headers ?? [:]).map { (name: $0.key.lowercased(), value: $0.value) }.sorted { $0.name < $1.name }
        let isJSON = body.first == UInt8(ascii: "{") || body.first == UInt8(ascii: "[")
        let type = written.type ?? (body.isEmpty ? "" : isJSON ? "application/json" : "application/x-www-form-urlencoded")
        if !type.isEmpty { headers.append(("content-type", type)) }
        self.headers = headers
        verdict = written.verdict
        recipients = written.recipients
        forwards = written.forwards
        forwardedTarget = written.target
        answers = written.answers
        fields = written.fields ?? [:]
        isScheduled = written.scheduled
    }
}
