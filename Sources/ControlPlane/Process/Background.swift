import Dispatch

/// Runs blocking work away from the threads that async code shares.
enum Background {
    private static let queue = DispatchQueue(label: "stopgate.background", attributes: .concurrent)

    static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
