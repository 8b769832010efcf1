import Foundation

/// A part of a request's JSON document.
enum AnswerValue {
    case text(String)
    case document(Any)
    case absent

    init(_ document: Any?) { self = document.map { .document($0) } ?? .absent }

    var isAbsent: Bool { if case .absent = self { true } else { false } }

    /// A string as it is, a number as it was written, anything else as JSON.
    var text: String {
        switch self {
        case .text(let text): text
        case .document(let text as String): text
        default: String(decoding: json, as: UTF8.self)
        }
    }

    var json: [UInt8] {
        let object: Any
        switch self {
        case .absent: return Array("null".utf8)
        case .text(let text): object = text
        case .document(let document): object = document
        }
        return (try? JSONSerialization.data(withJSONObject: object, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])).map { Array($0) } ?? []
    }

    func member(_ name: String) -> AnswerValue? {
        guard case .document(let members as [String: Any]) = self else { return nil }
        return members[name].map { .document($0) }
    }

    /// The items of an array; anything else is its own only item, as providers read `"to"` and `["to"]` alike.
    var items: [AnswerValue] {
        guard case .document(let list as [Any]) = self else { return isAbsent ? [] : [self] }
        return list.map { .document($0) }
    }

    /// The keys of an object, sorted: JSON does not order them.
    var keys: [AnswerValue] {
        guard case .document(let members as [String: Any]) = self else { return [] }
        return members.keys.sorted().map { .text($0) }
    }
}
