import Foundation

/// A mail as Foundation reads it: who it goes to, and what it says besides.
struct MailReading {
    /// By personalization and list: the addresses in their order.
    private(set) var personalizations: [[String: [String]]] = []
    /// Members of the document and of each personalization, recipients left out.
    private(set) var others: [NSDictionary] = []

    var addresses: [String] { personalizations.flatMap { $0.values.joined() } }

    init(_ bytes: [UInt8]) throws(Violation) {
        guard let document = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any] else {
            throw Violation(description: "what goes on is no JSON object")
        }
        others.append(document.filter { $0.key != "personalizations" } as NSDictionary)
        for item in document["personalizations"] as? [[String: Any]] ?? [] {
            var lists: [String: [String]] = [:]
            for name in ["to", "cc", "bcc"] {
                lists[name] = (item[name] as? [[String: Any]])?.compactMap { $0["email"] as? String }
            }
            personalizations.append(lists)
            others.append(item.filter { lists[$0.key] == nil } as NSDictionary)
        }
    }
}
