import Dispatch
import Synchronization

/// Hands pieces from async code to code that blocks, or back, one at a time: neither side runs ahead of the other, so memory is
/// bounded by one piece.
final class LockstepPipe<Piece: Sendable>: Sendable {
    private let demand: AsyncStream<Void>
    private let ask: AsyncStream<Void>.Continuation
    private let filled = DispatchSemaphore(value: 0)
    private let slot = Mutex<Result<Piece?, any Error>>(.success(nil))

    init() { (demand, ask) = AsyncStream.makeStream() }

    /// The blocking side: the next piece, `nil` at the end.
    func take() throws -> Piece? {
        ask.yield(())
        filled.wait()
        return try slot.withLock { $0 }.get()
    }

    /// The blocking side is through.
    func finish() { ask.finish() }

    /// The async side: answers every demand with what `next` gives, until the other side is through.
    func serve(_ next: () async throws -> Piece?) async {
        for await _ in demand {
            let piece: Result<Piece?, any Error>
            do { piece = .success(try await next()) } catch { piece = .failure(error) }
            slot.withLock { $0 = piece }
            filled.signal()
        }
    }
}
