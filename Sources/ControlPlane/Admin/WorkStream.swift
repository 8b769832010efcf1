import Foundation
import HTTPTypes
import Hummingbird
import Synchronization

/// An answer that begins at once and tells line by line how far the work is, and at last what came of it (``WorkLine``). A caller who
/// hangs up cancels.
enum WorkStream {
    /// - Parameter work: is given a place to report to, which says whether to go on.
    static func response<R: Codable & Sendable>(
        _ work: @escaping @Sendable (_ report: @escaping @Sendable (WorkStep) -> Bool) throws -> R
    ) -> Response {
        let (lines, sink) = AsyncStream<WorkLine<R>>.makeStream(bufferingPolicy: .unbounded)
        let isGone = FlagCell()
        let running = Task {
            let last: WorkLine<R>
            do {
                let result = try await Background.run {
                    try work { step in
                        sink.yield(WorkLine(step: step))
                        return !isGone.isSet
                    }
                }
                last = WorkLine(done: result)
            } catch {
                last = WorkLine(failed: "\((error as? Problem)?.detail ?? "\(error)")")
            }
            sink.yield(last)
            sink.finish()
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"],
            body: .init { writer in
                do {
                    for await line in lines { try await writer.write(ByteBuffer(bytes: try Answer.encode(line) + Data("\n".utf8))) }
                    try await writer.finish(nil)
                } catch {
                    isGone.set()
                    await running.value
                    throw error
                }
            })
    }
}

/// A flag that one thread sets and others read.
private final class FlagCell: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
