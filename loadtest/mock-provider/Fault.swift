/// A request that comes to nothing on purpose.
enum Fault: Sendable, Equatable {
    /// Answered with this status; the answer carries `mock-fault`, so that whoever counts knows whose it is.
    case status(Int)
    /// No answer: a reset stream, or a closed connection in HTTP/1.1.
    case reset

    init?(_ name: String) {
        if name == "reset" {
            self = .reset
        } else {
            guard let status = Int(name), (400...599).contains(status) else { return nil }
            self = .status(status)
        }
    }

    var name: String {
        switch self {
        case .status(let status): "\(status)"
        case .reset: "reset"
        }
    }
}
