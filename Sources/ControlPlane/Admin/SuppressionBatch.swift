import Foundation
import HTTPTypes
import Ledger

/// Many orders in one call.
struct SuppressionBatch: AdminBody {
    static let members: Set = ["orders"]
    static let limit = 1000

    /// One of them, read by itself so that its mistakes are its own.
    struct Entry {
        let json: Data

        func order() throws -> SuppressionOrder {
            do { return try SuppressionOrder.read(json) } catch let mistake as AdminBodyMistake {
                throw Problem(.unprocessableContent, "not an order", mistake.what, at: mistake.field)
            }
        }
    }

    let orders: [Entry]

    /// Its orders are read from their bytes, by ``read(_:)``.
    init(from decoder: any Decoder) throws { throw AdminBodyMistake(field: nil, what: "the body is to be a JSON object", isSyntax: true) }

    private init(_ orders: [Entry]) { self.orders = orders }

    static func read(_ body: Data) throws -> SuppressionBatch {
        guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any], let list = object["orders"] as? [Any] else {
            throw AdminBodyMistake(field: "orders", what: "the body is to be a JSON object with a list 'orders'", isSyntax: true)
        }
        if let unknown = object.keys.first(where: { !members.contains($0) }) {
            throw AdminBodyMistake(field: String(unknown.prefix(100)), what: "it is unknown; known is orders")
        }
        guard (1...limit).contains(list.count) else {
            throw AdminBodyMistake(field: "orders", what: "it has \(list.count) orders; give 1 to \(limit), or use /v1/import")
        }
        return SuppressionBatch(try list.map { Entry(json: try JSONSerialization.data(withJSONObject: $0, options: .fragmentsAllowed)) })
    }
}

/// What became of each order of a batch.
public struct SuppressionBatchReceipt: Codable, Equatable, Sendable {
    public struct Result: Codable, Equatable, Sendable {
        /// The order's place in the batch, from 0.
        public var index: Int
        /// `recorded`, `known` (the same order was made before) or `rejected`.
        public var status: String
        public var events: [SuppressionReceipt.Entry]
        /// Why it was rejected, and the member to blame.
        public var detail: String?
        public var at: String?

        init(index: Int) {
            self.index = index
            status = "rejected"
            events = []
        }

        mutating func record(_ events: [PreferenceEvent], _ results: [AppendResult]) {
            self.events = SuppressionReceipt(events, results, enforced: true).events
            status = results.contains(where: \.isNew) ? "recorded" : "known"
        }

        mutating func reject(_ error: any Error) {
            let problem = Problem(error)
            detail = problem.detail
            at = problem.at
        }
    }

    public var results: [Result]
    public var recorded: Int
    public var known: Int
    public var rejected: Int
    /// Whether every event loop has passed those that were recorded.
    public var enforced: Bool

    init(_ results: [Result]) {
        self.results = results
        recorded = results.count { $0.status == "recorded" }
        known = results.count { $0.status == "known" }
        rejected = results.count { $0.status == "rejected" }
        enforced = true
    }
}
